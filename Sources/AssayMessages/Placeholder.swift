enum AssayMessagesPlaceholder {}
