"""Many devices in one process, and faults in some of them."""
