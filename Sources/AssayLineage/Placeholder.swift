enum AssayLineagePlaceholder {}
