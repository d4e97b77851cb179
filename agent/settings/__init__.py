"""Settings: validated whole, replaced whole."""
