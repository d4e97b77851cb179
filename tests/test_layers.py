"""Imports point down only, and pure modules import nothing that does I/O."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from agent.settings.names import CLOUDS

ROOT = Path(__file__).parent.parent
LAYERS = (
    (0, ("agent", "agent.attempt", "agent.model", "agent.errors", "agent.quick")),
    (1, ("agent.messages",)),
    (
        2,
        (
            "agent.answers",
            "agent.automation",
            "agent.memory",
            "agent.plugins",
            "agent.ports",
            "agent.rights",
            "agent.devices",
            "agent.history",
            "agent.reporting",
            "agent.retry",
            "agent.thing",
            "agent.timeline",
            "agent.settings",
            "agent.drivers.hlw8032",
            "agent.drivers.bl0942",
            "agent.drivers.pulses",
            "agent.drivers.gate",
            "agent.drivers.sysfs_text",
            "agent.drivers.board_bytes",
            "agent.drivers.pzem",
            "agent.drivers.ws2812_bits",
        ),
    ),
    (
        3,
        (
            "agent.recording",
            "agent.clouds.tencent",
            "agent.clouds.aliyun",
            "agent.clouds.onenet",
            "agent.clouds.homeassistant",
            "agent.clouds.dialogue",
            "agent.clouds.limits",
            "agent.clouds.redact",
            "agent.clouds.batches",
            "agent.clouds.names",
            "agent.clouds.packing",
            "agent.clouds.payload",
            "agent.clouds.plain",
            "agent.clouds.usage",
            "agent.models",
            "agent.conformance",
        ),
    ),
    (4, ("agent.conformance.drivers",)),
    (
        5,
        (
            "agent.__main__",
            "agent.cli",
            "agent.app",
            "agent.demo",
            "agent.registry",
            "agent.replay",
        ),
    ),
)
SHELL_LAYER = 4
IMPURE = {"asyncio", "socket", "threading", "time", "os", "structlog", "subprocess", "ssl"}
READS_FILES = {"agent.settings.load", "agent.settings.secrets", "agent.settings.environment"}
CONCRETE_DRIVERS = "agent.drivers."


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / "agent").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def layer(module: str) -> int:
    best, length = SHELL_LAYER, -1
    for number, prefixes in LAYERS:
        for prefix in prefixes:
            is_inside = module == prefix or (prefix != "agent" and module.startswith(prefix + "."))
            if is_inside and len(prefix) > length:
                best, length = number, len(prefix)
    return best


@cache
def imports(module: str) -> frozenset[str]:
    names = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


MODULES = modules()


def offenders(within: Callable[[str], bool], is_wrong: Callable[[str, str], bool]) -> list[str]:
    """List each import of a module *within* that is wrong for it."""
    return [
        f"{module} (layer {layer(module)}) imports {name}"
        for module in MODULES
        if within(module)
        for name in sorted(imports(module))
        if is_wrong(module, name)
    ]


def below(prefix: str) -> Callable[[str], bool]:
    return lambda module: module.startswith(prefix)


def test_imports_point_down_only():
    assert not offenders(
        lambda _: True, lambda module, name: name in MODULES and layer(name) > layer(module)
    )


def test_pure_modules_import_nothing_that_does_io():
    assert not offenders(
        lambda module: layer(module) <= 3 and module not in READS_FILES,
        lambda _, name: name.partition(".")[0] in IMPURE,
    )


def test_the_emulator_shares_no_protocol_code_with_the_codecs():
    assert not offenders(below("agent.emulator"), lambda _, name: name.startswith("agent.clouds"))


def test_only_the_composition_root_imports_a_concrete_driver():
    assert not offenders(
        lambda module: layer(module) < 5 and not module.startswith("agent.drivers"),
        lambda _, name: (
            name in MODULES and name.startswith(CONCRETE_DRIVERS) and layer(name) == SHELL_LAYER
        ),
    )


def test_drivers_and_clouds_do_not_know_each_other():
    assert not offenders(below("agent.drivers"), lambda _, name: name.startswith("agent.clouds"))
    assert not offenders(below("agent.clouds"), lambda _, name: name.startswith("agent.drivers"))


def test_the_rules_look_at_something():
    for prefix in ("agent.emulator", "agent.drivers", "agent.clouds"):
        assert offenders(below(prefix), lambda _, name: name in MODULES)


def test_only_one_file_imports_the_mqtt_library():
    users = [module for module in MODULES if "aiomqtt" in imports(module)]
    assert users in ([], ["agent.clouds.mqtt_client"])


THE_TABLE_OF_ALL = "limits.py"
SHARED = sorted(
    path for path in (ROOT / "agent" / "clouds").glob("*.py") if path.name != THE_TABLE_OF_ALL
)


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_what_clouds_share_knows_no_cloud_by_name(path):
    text = path.read_text(encoding="utf-8").lower()
    assert not [name for name in CLOUDS if name in text]


def test_a_cloud_knows_no_other_cloud():
    for name in CLOUDS:
        mine = [m for m in MODULES if m.startswith(f"agent.clouds.{name}")]
        others = tuple(f"agent.clouds.{other}" for other in CLOUDS if other != name)
        known = {each for module in mine for each in imports(module)}
        assert mine
        assert not [each for each in known if each.startswith(others)]
