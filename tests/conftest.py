"""How properties are searched (no time limit, the same at every CI run) and what is measured."""

import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import settings

IN_PROCESSES = "COVERAGE_PROCESS_CONFIG"
"""What has coverage measure the processes that a test starts."""

EXAMPLES = int(os.environ.get("EXAMPLES", "50"))
"""Of each property that names no number of its own: as many as five minutes for all tests allow."""

settings.register_profile("local", deadline=None, max_examples=EXAMPLES)
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=EXAMPLES)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Play an `unmeasured` test, and every process that it starts, without tracing its lines."""
    tracer = sys.gettrace()
    if tracer is None or item.get_closest_marker("unmeasured") is None:
        return (yield)
    sys.settrace(None)
    config = os.environ.pop(IN_PROCESSES, None)
    try:
        return (yield)
    finally:
        if config is not None:
            os.environ[IN_PROCESSES] = config
        sys.settrace(tracer)
