enum AssayServiceHostPlaceholder {}
