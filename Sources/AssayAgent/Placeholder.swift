enum AssayAgentPlaceholder {}
