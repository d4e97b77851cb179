"""What acts by itself on a device: schedules and rules, as data."""
