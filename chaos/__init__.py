"""Break things on purpose: `python -m chaos` prints what held and what did not.

Each package has the parts of one theme, a module with a `PART` for each; beside them is what they
share. `python -m chaos.outages`, `chaos.storms` and `chaos.incidents` play or record one thing.
"""
