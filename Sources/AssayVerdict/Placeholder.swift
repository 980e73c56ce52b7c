enum AssayVerdictPlaceholder {}
