enum AssayStorePlaceholder {}
