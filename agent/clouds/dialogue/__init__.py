"""Recorded dialogues: their lines, how they are played again, and how they are redacted."""
