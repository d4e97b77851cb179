"""Random faults of the platforms, thousands of times (`faults`)."""
