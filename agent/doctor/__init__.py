"""Why a board does not work: facts are gathered by probes, and judged by pure checks."""
