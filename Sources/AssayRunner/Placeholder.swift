enum AssayRunnerPlaceholder {}
