"""Clouds: one pure codec each, and the link and transport that they share."""
