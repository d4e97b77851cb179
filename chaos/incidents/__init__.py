"""Recorded incidents: how they are made, and played again (`replay`)."""
