"""A private root as platforms made them years ago: no keyUsage, basicConstraints not critical."""

import datetime as dt
import hashlib
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class OldRoot:
    """The root's PEM file, its SHA-256, and a server certificate that it signed."""

    path: Path
    fingerprint: str
    server: Path

    def configure_cert(self, context: ssl.SSLContext) -> None:
        """Serve with the certificate, as trustme's do."""
        context.load_cert_chain(self.server)

    @property
    def pem(self) -> str:
        return self.path.read_text()


def make_old_root(folder: Path, name: str) -> OldRoot:
    root_key, leaf_key = _key(), _key()
    root = (
        _builder(name, name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _builder("127.0.0.1", name, leaf_key)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    path, server = folder / f"{name}.pem", folder / f"{name}.server.pem"
    path.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    private = leaf_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    server.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
    der = root.public_bytes(serialization.Encoding.DER)
    return OldRoot(path=path, fingerprint=hashlib.sha256(der).hexdigest().upper(), server=server)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _builder(subject: str, issuer: str, key: rsa.RSAPrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
