enum AssayIdentityPlaceholder {}
