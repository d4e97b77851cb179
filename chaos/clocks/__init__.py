"""A clock that is wrong, jumps, and is set right."""
