"""Clouds that are gone: a day or seconds (`outage`), and in turns (`flaps`)."""
