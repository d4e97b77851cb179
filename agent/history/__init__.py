"""The history: what a device was and used, by minute, hour, day and month."""
