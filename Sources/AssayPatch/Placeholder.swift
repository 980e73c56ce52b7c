enum AssayPatchPlaceholder {}
