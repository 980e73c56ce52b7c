enum AssaySupervisorPlaceholder {}
