"""What a device of each generation logs in with."""

from typing import Final

from agent.clouds.onenet.address import fingerprints_of, host_of, port_of
from agent.clouds.onenet.token import decode_key, device_res, expiry_of, sign
from agent.ports import ConnectParams, Tls
from agent.settings.clouds import OnenetSettings

ADVICE: Final = (
    "OneNET's keys end in their '=' signs; the newest products have brokers of their own"
    ' (domain = "product"), and another generation logs in with other values'
)
ADVICE_LEGACY: Final = (
    "device_name is the device's number here, and device_key the APIKey or the device's auth_info"
)


class Login:
    """Signs each CONNECT of one device; raises `ConfigError` for a key that is none."""

    def __init__(self, settings: OnenetSettings) -> None:
        self._settings = settings
        secret = settings.device_key.get_secret_value()
        self._key = b"" if settings.generation == "legacy" else decode_key(secret)

    def params(self, wall_time: float | None) -> ConnectParams:
        """Sign anew; the session is clean, and there is no will: any other CONNECT is cut off."""
        settings = self._settings
        expiry = expiry_of(wall_time)
        is_signed = settings.generation != "legacy"
        return ConnectParams(
            host=host_of(settings),
            port=port_of(settings),
            tls=self._tls(),
            client_id=settings.device_name,
            username=settings.product_id,
            password=self._password(expiry),
            keepalive_s=settings.effective_keepalive_s,
            valid_until=expiry if is_signed and wall_time is not None else None,
            advice=ADVICE_LEGACY if settings.generation == "legacy" else ADVICE,
        )

    def _password(self, expiry: int) -> str:
        settings = self._settings
        if settings.generation == "legacy":
            return settings.device_key.get_secret_value()
        return sign(
            self._key,
            res=settings.res or device_res(settings.product_id, settings.device_name),
            expiry=expiry,
            method=settings.method,
            version=settings.version,
        )

    def _tls(self) -> Tls | None:
        settings = self._settings
        if settings.tls is False:
            return None
        return Tls(
            ca_file=settings.ca_file,
            fingerprints=fingerprints_of(settings),
            server_name=settings.server_name,
            verifies_host=settings.verify == "full",
        )
