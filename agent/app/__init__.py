"""The composition root: how a configuration becomes an agent at work."""
