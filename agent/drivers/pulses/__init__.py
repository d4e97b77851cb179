"""Meters that speak in pulses (HLW8012, BL0937), pure: edges → readings. No clock, no lines."""
