"""A network that fails beneath the sessions."""
