enum AssaySandboxPlaceholder {}
