"""How a device logs in: signed by itself, or with what the console has signed."""

from typing import Final

from agent import __version__
from agent.clouds.aliyun.credentials import (
    PORT_PLAIN,
    PORT_TLS,
    Credentials,
    Identity,
    host_of,
    parameters_of,
    sign,
)
from agent.errors import ConfigError
from agent.ports import ConnectParams, Tls
from agent.settings.clouds import AliyunSettings
from agent.settings.clouds.pasted import MqttParams

PRIVATE_ROOT: Final = "aliyun-iot-root.pem"
PUBLIC_ROOT: Final = "globalsign-root-r1.pem"
"""In `agent/trust`: the platform's own root, which no system knows, and the one before it."""

IMPLICIT: Final = ("ext=1", "_ss=1")
"""Ask for the system's topics without SUBSCRIBE, and for calls that name their service."""

STATISTICS: Final = ("lan=Python", f"_v=polycloud-{__version__}")

ADVICE: Final = (
    "Aliyun also refuses a device that is disabled, one of another instance (instance_id, region),"
    " and more than 5 sign-ins in a minute"
)
ADVICE_PASTED: Final = f"{ADVICE}; a new secret makes the pasted parameters worthless"

_PLAIN: Final = "3"
_CALLS_BIT: Final = 1


class LoginForm:
    """What one device's section says about its login; raises `ConfigError`."""

    def __init__(self, settings: AliyunSettings) -> None:
        self._settings = settings
        self._pasted = _pasted(settings)
        self.product_key, self.device_name = settings.identity
        self._credentials = self._signed() if self._pasted is None else _taken(self._pasted)
        self._parameters = parameters_of(self._credentials.client_id)
        if self._pasted is not None and settings.tls and self._securemode == _PLAIN:
            raise ConfigError(
                "clouds.aliyun.tls: found true, but the pasted clientId says securemode=3, which is"
                " without TLS; allowed: tls = false, or parameters that say securemode=2"
            )

    @property
    def _securemode(self) -> str | None:
        return self._parameters.get("securemode")

    @property
    def has_implicit_topics(self) -> bool:
        """Tell whether the client id asks for the system's topics without SUBSCRIBE."""
        return self._parameters.get("_ss") == "1"

    @property
    def has_extended_calls(self) -> bool:
        """Tell whether the client id asks for synchronous calls on `/ext/rrpc/…`."""
        bits = self._parameters.get("ext", "")
        return bits.isascii() and bits.isdigit() and len(bits) < 9 and bool(int(bits) & _CALLS_BIT)

    def params(self) -> ConnectParams:
        """Tell all that a CONNECT needs; what the section sets stands over what was pasted."""
        settings, pasted, tls = self._settings, self._pasted, self._tls()
        if pasted is None:
            host = host_of(self.product_key, settings.instance_id, settings.region)
            port = PORT_PLAIN if tls is None else PORT_TLS
        else:
            host, port = pasted.host, pasted.port
        return ConnectParams(
            host=settings.host or host,
            port=settings.port or port,
            tls=tls,
            client_id=self._credentials.client_id,
            username=self._credentials.username,
            password=self._credentials.password,
            keepalive_s=settings.keepalive_s,
            advice=ADVICE if pasted is None else ADVICE_PASTED,
        )

    def _signed(self) -> Credentials:
        """Sign without a timestamp: it is held against no clock, and would prove nothing."""
        settings = self._settings
        identity = Identity(
            product_key=self.product_key,
            device_name=self.device_name,
            secret=settings.device_secret.get_secret_value(),
            method=settings.method,
        )
        wanted = IMPLICIT if settings.system_topics == "implicit" else ()
        return sign(identity, is_tls=bool(settings.tls), extensions=(*wanted, *STATISTICS))

    def _tls(self) -> Tls | None:
        """Trust both roots; the public one only for the broker's own name."""
        settings = self._settings
        if settings.tls is False:
            return None
        verifies_host = settings.verify == "full"
        return Tls(
            anchors=(PRIVATE_ROOT, PUBLIC_ROOT) if verifies_host else (PRIVATE_ROOT,),
            ca_file=settings.ca_file,
            server_name=settings.server_name,
            verifies_host=verifies_host,
        )


def _pasted(settings: AliyunSettings) -> MqttParams | None:
    try:
        return settings.pasted
    except ValueError as error:
        raise ConfigError(f"clouds.aliyun.mqtt_params: {error}") from None


def _taken(pasted: MqttParams) -> Credentials:
    return Credentials(
        client_id=pasted.client_id, username=pasted.username, password=pasted.password
    )
