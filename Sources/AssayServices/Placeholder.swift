enum AssayServicesPlaceholder {}
