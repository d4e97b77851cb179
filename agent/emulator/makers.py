"""How each cloud is made of options; its code is imported only when it is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from agent.emulator.identity import CLOUDS, DeviceIdentity, check_devices
from agent.emulator.options import FOLDER, EmulatorOptions
from agent.emulator.platform import Console
from agent.errors import ConfigError

if TYPE_CHECKING:
    from agent.emulator.onenet.model import Model

T = TypeVar("T")

MODELS: Final = FOLDER / "models"
MAX_PORT: Final = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One cloud that is to be made."""

    devices: tuple[DeviceIdentity, ...]
    models: Mapping[str, Path]
    """By product, where there is one."""
    nonce: str
    options: EmulatorOptions

    def read(self, device: DeviceIdentity, reader: Callable[[bytes], T]) -> T:
        """Read the model of a device; raise ConfigError that names the file."""
        path = self.models[device.product]
        try:
            return reader(path.read_bytes())
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from error
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What makes one cloud, and the model of a product that has no file of its own."""

    make: Callable[[Order], Console]
    model: Path | None = None


def _tencent(order: Order) -> Console:
    from agent.emulator.tencent.platform import TencentPlatform, register  # noqa: PLC0415
    from agent.emulator.tencent.template import read_template  # noqa: PLC0415

    devices = [
        register(each.product, each.name, each.secret, order.read(each, read_template))
        for each in order.devices
    ]
    return TencentPlatform(devices, nonce=order.nonce, rules=order.options.tencent)


def _aliyun(order: Order) -> Console:
    from agent.emulator.aliyun.platform import AliyunPlatform, register  # noqa: PLC0415
    from agent.emulator.aliyun.tsl import read_tsl  # noqa: PLC0415

    devices = [
        register(each.product, each.name, each.secret, order.read(each, read_tsl))
        for each in order.devices
    ]
    return AliyunPlatform(devices, nonce=order.nonce, rules=order.options.aliyun)


def _onenet(order: Order) -> Console:
    from agent.emulator.onenet.model import read_model  # noqa: PLC0415
    from agent.emulator.onenet.thing import ThingPlatform, register  # noqa: PLC0415

    devices = [
        register(each.product, each.name, each.secret, order.read(each, read_model))
        for each in order.devices
    ]
    return ThingPlatform(devices, nonce=order.nonce, rules=order.options.onenet)


def _onenet_datastream(order: Order) -> Console:
    from agent.emulator.onenet.datastream import DatastreamPlatform, register  # noqa: PLC0415

    devices = [
        register(each.product, each.name, each.secret, _model_or_none(order, each))
        for each in order.devices
    ]
    return DatastreamPlatform(devices, nonce=order.nonce, rules=order.options.onenet)


def _onenet_legacy(order: Order) -> Console:
    from agent.emulator.onenet.legacy import LegacyPlatform, register  # noqa: PLC0415

    devices = [
        register(each.product, each.name, each.secret, _model_or_none(order, each))
        for each in order.devices
    ]
    return LegacyPlatform(devices, nonce=order.nonce, rules=order.options.onenet)


def _model_or_none(order: Order, device: DeviceIdentity) -> "Model":
    """Read the model that tells what may be set, where there is one."""
    from agent.emulator.onenet.model import NO_MODEL, read_model  # noqa: PLC0415

    return order.read(device, read_model) if device.product in order.models else NO_MODEL


MAKERS: Final[Mapping[str, Maker]] = {
    "tencent": Maker(make=_tencent, model=MODELS / "tencent-socket.json"),
    "aliyun": Maker(make=_aliyun, model=MODELS / "aliyun-socket.json"),
    "onenet": Maker(make=_onenet, model=MODELS / "onenet-socket.json"),
    "onenet-datastream": Maker(make=_onenet_datastream),
    "onenet-legacy": Maker(make=_onenet_legacy),
}


def make_consoles(options: EmulatorOptions, *, nonce: str) -> dict[str, Console]:
    """Make the clouds of *options* in their order; raise ConfigError."""
    _check_clouds(options)
    devices = options.known_devices()
    check_devices(devices, options.clouds)
    _check_models(options.models, devices)
    consoles: dict[str, Console] = {}
    for name in options.clouds:
        own = tuple(each for each in devices if each.cloud == name)
        models = {each.product: _model_of(each, options.models) for each in own}
        found = {product: path for product, path in models.items() if path is not None}
        order = Order(devices=own, models=found, nonce=nonce, options=options)
        consoles[name] = MAKERS[name].make(order)
    return consoles


def _check_clouds(options: EmulatorOptions) -> None:
    """Refuse clouds that there are not, or that have no room for their ports."""
    clouds = options.clouds
    if not clouds or set(clouds) - MAKERS.keys() or len(set(clouds)) < len(clouds):
        raise ConfigError(f"clouds to emulate: {', '.join(CLOUDS)}, each once; not {clouds!r:.80}")
    for port in (options.mqtt_port, options.mqtts_port):
        if port + len(clouds) - 1 > MAX_PORT:
            raise ConfigError(f"{len(clouds)} clouds need ports from {port} on, above {MAX_PORT}")


def _check_models(models: Mapping[str, Path], devices: tuple[DeviceIdentity, ...]) -> None:
    """Refuse a model that nothing would read."""
    known = {each.product for each in devices}
    known |= {f"{each.cloud}/{each.product}" for each in devices}
    for product in models:
        if product not in known:
            listed = ", ".join(sorted({each.product for each in devices})) or "none"
            raise ConfigError(f"a model for {product}, but no device of it; listed: {listed}")


def _model_of(device: DeviceIdentity, models: Mapping[str, Path]) -> Path | None:
    own = models.get(f"{device.cloud}/{device.product}") or models.get(device.product)
    return own or MAKERS[device.cloud].model
