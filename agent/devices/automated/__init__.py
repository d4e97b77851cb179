"""What a device of any kind does by itself: its schedules and its rules, over its own thing."""
