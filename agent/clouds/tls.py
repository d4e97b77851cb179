"""Whom to trust as a broker: the system's roots, the roots shipped here, and the user's."""

import hashlib
import os
import re
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from socket import socket
from typing import Final

from agent.errors import TransportError
from agent.ports import Tls

TRUST: Final = Path(__file__).parents[1] / "trust"
"""The roots that are shipped."""

_CERTIFICATE: Final = re.compile(
    f"{re.escape(ssl.PEM_HEADER)}.+?{re.escape(ssl.PEM_FOOTER)}", re.DOTALL
)
_MAX_SHOWN: Final = 3
_BUNDLE_OVERRIDES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class NamedContext(ssl.SSLContext):
    """A client context for one connection.

    It checks the certificate against a name of its own, if it has one, and remembers its socket,
    so that one whose handshake failed can be closed by who gets the error.
    """

    server_name: str | None = None
    wrapped: ssl.SSLSocket | None = None

    def wrap_socket(
        self,
        sock: socket,
        server_side: bool = False,  # noqa: FBT001, FBT002 - the standard library's signature
        do_handshake_on_connect: bool = True,  # noqa: FBT001, FBT002 - the same
        suppress_ragged_eofs: bool = True,  # noqa: FBT001, FBT002 - the same
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLSocket:
        """Begin TLS on a connected socket."""
        self.wrapped = super().wrap_socket(
            sock,
            server_side=server_side,
            do_handshake_on_connect=do_handshake_on_connect,
            suppress_ragged_eofs=suppress_ragged_eofs,
            server_hostname=self.server_name or server_hostname,
            session=session,
        )
        return self.wrapped


def context_for(tls: Tls) -> NamedContext:
    """Make a context that verifies, and that trusts nobody yet.

    `PROTOCOL_TLS_CLIENT` verifies chain and host name. The strict flags that Python 3.13 adds in
    `create_default_context` are not set: private roots of the platforms' age lack the extensions
    that those flags ask for.
    """
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.server_name = tls.server_name
    context.check_hostname = tls.verifies_host
    return context


def load_trust(context: ssl.SSLContext, tls: Tls) -> None:
    """Load the roots; raise `TransportError`. Reads files: not for the loop's thread.

    Without the host name check only private roots are trusted, or any certificate of any public
    authority would do.
    """
    if tls.verifies_host:
        _trust_system(context)
    elif not tls.anchors and tls.ca_file is None:
        raise TransportError(
            'verify = "ca-only" needs a private root: set ca_file, or use verify = "full"'
        )
    for anchor in tls.anchors:
        context.load_verify_locations(cadata=(TRUST / anchor).read_text(encoding="ascii"))
    if tls.ca_file is not None:
        if tls.fingerprints:
            _trust_expected(context, tls.ca_file, tls.fingerprints)
        else:
            _trust_file(context, tls.ca_file)


def _trust_system(context: ssl.SSLContext) -> None:
    """Trust the system's roots; from a hashed folder, where OpenSSL reads only what it needs."""
    folder = Path(ssl.get_default_verify_paths().openssl_capath)
    is_overridden = any(name in os.environ for name in _BUNDLE_OVERRIDES)
    if not is_overridden and any(folder.glob("*.0")):
        context.load_verify_locations(capath=folder)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)


def _trust_file(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise _no_pem(path) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _trust_expected(context: ssl.SSLContext, path: str, expected: tuple[str, ...]) -> None:
    """Trust what has one of the *expected* sums, and nothing else that the file holds."""
    found = _certificates(path)
    wanted = {each.upper() for each in expected}
    chosen = [certificate for its_sum, certificate in found.items() if its_sum in wanted]
    if not chosen:
        raise TransportError(
            f"ca_file {path} does not hold the root of this platform's brokers: SHA-256 found"
            f" {_shown(found)}, expected {' or '.join(expected)}; get the root from the"
            " platform's console again, or set host if it is your own server"
        )
    for certificate in chosen:
        context.load_verify_locations(cadata=certificate)


def _certificates(path: str) -> Mapping[str, bytes]:
    """Read the certificates of a file by their SHA-256 sums."""
    try:
        document = Path(path).read_bytes().decode("ascii", errors="replace")
        found = [ssl.PEM_cert_to_DER_cert(text) for text in _CERTIFICATE.findall(document)]
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:
        raise _no_pem(path) from error
    if not found:
        raise _no_pem(path)
    return {hashlib.sha256(each).hexdigest().upper(): each for each in found}


def _shown(sums: Iterable[str]) -> str:
    listed = list(sums)
    more = len(listed) - _MAX_SHOWN
    return ", ".join(listed[:_MAX_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _no_pem(path: str) -> TransportError:
    return TransportError(f"ca_file {path} holds no certificate in PEM form")


def _unreadable(path: str, error: OSError) -> TransportError:
    return TransportError(f"ca_file {path} cannot be read: {error.strerror}")
