"""Recorded periods of a device, run again through the same code."""
