"""A period of a device as lines of text: everything that entered it, and what it decided."""
