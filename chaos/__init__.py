"""Break things on purpose: `python -m chaos` prints what held and what did not."""
