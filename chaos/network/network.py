"""A network that loses, swallows, resets and moves: when it is noticed, and when all is well."""

import json
from typing import Any, Final

from chaos.network.netspace import inside, need_network
from chaos.report import Row, judged

PART: Final = "network"


async def run(*, is_short: bool = False) -> list[Row]:
    """Play the outages with a real agent, in a network of its own."""
    need_network()
    arguments = ["--short"] if is_short else []
    findings: list[dict[str, Any]] = json.loads(await inside("chaos.network.scenarios", *arguments))
    return [judged(PART, each["done"], each["figures"], each["faults"]) for each in findings]
