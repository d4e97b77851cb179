"""What the tests of Tencent's dialogues share: a device's own topics, its clock and a report."""

from tests.emulator.support import NAME, PRODUCT, WALL

OWN = f"{PRODUCT}/{NAME}"
MS = int(WALL * 1000)


def report(params, **fields):
    return {"method": "report", "clientToken": "t-1", "params": params, **fields}
