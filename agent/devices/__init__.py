"""Device kinds: pure decisions over a state."""
