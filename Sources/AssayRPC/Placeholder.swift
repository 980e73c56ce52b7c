enum AssayRPCPlaceholder {}
