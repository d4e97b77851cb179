"""Errors of sockets, TLS and MQTT in words that tell what to do."""

import errno
import socket
import ssl
from collections.abc import Mapping
from typing import Final

from agent.errors import AuthRejectedError, LinkDeadError, TransportError

CLOSED: Final = "the connection was closed by the platform or the network"
CLOSED_AT_ONCE: Final = "the connection was closed instead of a CONNACK; check host, port and tls"
KEEPS_NOTHING: Final = ", and that the broker keeps messages (Mosquitto: retain_available)"
_GUESTS: Final = "in a guest network its sign-in page may stand in the way"

CONNACK: Final[Mapping[int, str]] = {
    1: "the broker does not speak MQTT 3.1.1; check host and port",
    2: "client id not accepted; check product id, device name and keepalive_s",
    3: "server unavailable, which platforms also say when product id, device name and secret do"
    " not belong together; compare all three with the console, each to its last character",
    4: "bad user name or password, or the signature has expired; compare product id, device name"
    " and secret with the console, then see whether this machine's clock is right",
    5: "not authorised; the secret is not this device's, or the device is disabled in the"
    " console; compare the secret, or reset and copy it again",
}
"""What a refusal means, by the return code of MQTT 3.1.1."""

_CERTIFICATE: Final[Mapping[int, str]] = {
    9: "the server's certificate is not yet valid; check this machine's clock",
    10: "the server's certificate has expired; check this machine's clock, else the server is"
    " badly kept",
    18: "the server's certificate is signed by itself; set ca_file if it is your own server",
    19: "the server's certificate ends in a root that is not trusted here; set ca_file to that"
    " root: your own server's, or that of a platform whose root is not shipped",
    20: "the server's certificate comes from an authority that is not trusted here; set ca_file"
    " to its root: your own server's, or that of a platform whose root is not shipped",
    62: "the server's certificate is for another host name; check host, or set server_name to"
    ' the name in the certificate; where ca_file is a private root, verify = "ca-only" will do',
    64: "the server's certificate is not for this IP address; use the host name, or set"
    " server_name to the name in the certificate",
}
"""By OpenSSL's X509_V_ERR numbers."""

_SOCKET: Final[tuple[tuple[type[OSError], str], ...]] = (
    (
        socket.gaierror,
        "the host name cannot be resolved; check the name and this machine's network",
    ),
    (
        ConnectionRefusedError,
        "the connection was refused; nothing listens there, check host and port",
    ),
    (
        ConnectionError,
        "the connection was cut while it was made; check that port and tls fit together",
    ),
    (TimeoutError, "no answer in time; check host, port and firewall"),
)


def refused(code: int, advice: str = "") -> TransportError:
    """Explain a CONNACK that refuses; *advice* is what the platform's own ways add."""
    text = f"refused with code {code}: {CONNACK.get(code, 'an unknown reason')}"
    if code == 1:
        return TransportError(text)
    return AuthRejectedError(f"{text}; {advice}" if advice else text)


def unreachable(error: Exception, where: str) -> TransportError:
    """Explain why the connection to *where* ('host:port') could not be made."""
    if isinstance(error, TransportError):
        return error
    return TransportError(f"{where}: {_reason(error)}")


_NO_TLS: Final = frozenset(["WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"])
"""OpenSSL's words for bytes that are no TLS."""


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return _tls_reason(error)
    for kind, text in _SOCKET:
        if isinstance(error, kind):
            return text
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def _tls_reason(error: ssl.SSLError) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return _CERTIFICATE.get(
                error.verify_code, f"the server's certificate is not good: {error.verify_message}"
            )
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "the connection was closed during the TLS handshake; check that it is a TLS port"
        case _ if error.reason in _NO_TLS:
            return f"what answers there does not speak TLS; check that it is a TLS port; {_GUESTS}"
        case _:
            return f"TLS failed ({error.reason}); check that it is a TLS port"


ENDINGS: Final[Mapping[str, str]] = {
    "Keep alive timeout": "the platform no longer answers: no reply to the keep-alive",
    "Protocol error": "the platform sent what is not MQTT",
}
"""Why a connection has ended that nobody here closed, by MQTT's name of the reason."""

_DEATHS: Final[Mapping[int, str]] = {
    errno.ETIMEDOUT: "the network swallowed everything: nobody confirmed what was sent",
    errno.EHOSTUNREACH: "the network has no way to the platform any more",
    errno.ENETUNREACH: "the network has no way to the platform any more",
}
"""Why a connection has ended that nobody has closed, by the kernel's error."""

_FOREIGN: Final[Mapping[bytes, str]] = {
    b"HTTP/": f"a web server answered instead of an MQTT broker; check host and port; {_GUESTS}",
    b"\x15\x03": "TLS is spoken there; set tls = true, or take the port without TLS",
}
"""Who answers without being a broker, by its first bytes."""


def ended(reason: str) -> str:
    """Say why a connection has ended that nobody here closed."""
    return ENDINGS.get(reason, CLOSED)


def cut(code: int) -> TransportError:
    """Say what the kernel's error of a connection that was open means."""
    if code in _DEATHS:
        return LinkDeadError(_DEATHS[code])
    by_reset = ", by a reset" if code == errno.ECONNRESET else ""
    return TransportError(f"{CLOSED}{by_reset}")


def foreign(head: bytes) -> str | None:
    """Say who answers with these first bytes; None for what may be a broker."""
    return next((text for mark, text in _FOREIGN.items() if head.startswith(mark)), None)


def gone(address: str) -> str:
    """Say that this machine has lost the address of a connection."""
    return f"this machine no longer has the address {address}: its network has changed"
