enum AssayEvaluatorPlaceholder {}
