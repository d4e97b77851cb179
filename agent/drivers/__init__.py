"""Drivers: meters, relays, buttons and lights, each with its simulator."""
