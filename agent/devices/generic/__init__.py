"""A device that is declared in its file: sensors, switches and dimmers."""
