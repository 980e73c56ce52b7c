enum AssayRPCNNGPlaceholder {}
