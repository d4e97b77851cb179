import socket
import ssl

import pytest

from agent.clouds.explain import refused, unreachable
from agent.errors import AuthRejectedError, TransportError


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "host name cannot be resolved"),
        (ConnectionRefusedError(111, "refused"), "nothing listens there"),
        (ConnectionResetError(104, "reset"), "port and tls fit together"),
        (TimeoutError("timed out"), "firewall"),
        (OSError(101, "Network is unreachable"), "network is unreachable"),
        (OSError(), "OSError"),
        (ValueError("label too long"), "label too long"),
        (ssl.SSLEOFError(8, "EOF"), "during the TLS handshake"),
    ],
)
def test_every_error_says_where_and_what_to_do(error, words):
    explained = unreachable(error, "broker:8883")
    assert str(explained).startswith("broker:8883: ")
    assert words in str(explained)


def test_a_certificate_with_another_fault_is_told_in_the_librarys_words():
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = 23, "certificate revoked"
    assert "certificate revoked" in str(unreachable(error, "broker:8883"))


def test_any_other_fault_of_tls_points_at_the_port():
    error = ssl.SSLError(1, "wrong version number")
    error.reason = "WRONG_VERSION_NUMBER"
    assert "check that it is a TLS port" in str(unreachable(error, "broker:8883"))


def test_an_error_that_is_explained_is_not_explained_again():
    error = TransportError("ca_file x cannot be read")
    assert unreachable(error, "broker:8883") is error


def test_a_refused_protocol_is_no_refused_identity():
    assert not isinstance(refused(1), AuthRejectedError)
    assert isinstance(refused(99), AuthRejectedError)
    assert "unknown reason" in str(refused(99))
