"""What a schedule or a gesture of a file sets: a value that does not fit is told at the load."""

from agent.automation.doing import Assign


def value_fault(doing: Assign) -> str:
    """Tell what the property takes where the value is none of it; '' where it fits."""
    from agent.devices.socket.thing_table import SOCKET  # noqa: PLC0415 - it needs the settings

    fault = SOCKET.fault({doing.name: doing.value})
    return "" if fault is None else fault.reason.rpartition(", not ")[0]
