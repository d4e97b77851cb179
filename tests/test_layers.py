"""Imports point down only, and pure modules import nothing that does I/O."""

import ast
from pathlib import Path

import pytest

from agent.settings.names import CLOUDS

ROOT = Path(__file__).parent.parent
LAYERS = (
    (0, ("agent", "agent.model", "agent.errors")),
    (1, ("agent.messages",)),
    (
        2,
        (
            "agent.answers",
            "agent.memory",
            "agent.ports",
            "agent.rights",
            "agent.devices",
            "agent.reporting",
            "agent.retry",
            "agent.thing",
            "agent.timeline",
            "agent.settings",
            "agent.drivers.hlw8032",
        ),
    ),
    (
        3,
        (
            "agent.recording",
            "agent.clouds.tencent",
            "agent.clouds.aliyun",
            "agent.clouds.onenet",
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


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


MODULES = modules()


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down_only(module):
    ours = {name for name in imports(MODULES[module]) if name in MODULES}
    above = {name for name in ours if layer(name) > layer(module)}
    assert not above, f"{module} (layer {layer(module)}) imports {sorted(above)}"


@pytest.mark.parametrize("module", [m for m in MODULES if layer(m) <= 3 and m not in READS_FILES])
def test_pure_modules_import_nothing_that_does_io(module):
    roots = {name.partition(".")[0] for name in imports(MODULES[module])}
    assert not roots & IMPURE


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("agent.emulator")])
def test_the_emulator_shares_no_protocol_code_with_the_codecs(module):
    assert not [name for name in imports(MODULES[module]) if name.startswith("agent.clouds")]


@pytest.mark.parametrize("module", [m for m in MODULES if layer(m) < 5])
def test_only_the_composition_root_imports_a_concrete_driver(module):
    drivers = {
        name
        for name in imports(MODULES[module])
        if name in MODULES and name.startswith(CONCRETE_DRIVERS) and layer(name) == SHELL_LAYER
    }
    assert module.startswith("agent.drivers") or not drivers


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("agent.drivers")])
def test_drivers_and_clouds_do_not_know_each_other(module):
    assert not [name for name in imports(MODULES[module]) if name.startswith("agent.clouds")]


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("agent.clouds")])
def test_clouds_do_not_know_drivers(module):
    assert not [name for name in imports(MODULES[module]) if name.startswith("agent.drivers")]


def test_only_one_file_imports_the_mqtt_library():
    users = [m for m, path in MODULES.items() if "aiomqtt" in imports(path)]
    assert users in ([], ["agent.clouds.mqtt"])


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
        known = {each for module in mine for each in imports(MODULES[module])}
        assert mine
        assert not [each for each in known if each.startswith(others)]
