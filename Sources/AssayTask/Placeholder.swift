enum AssayTaskPlaceholder {}
