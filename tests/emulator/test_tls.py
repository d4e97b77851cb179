import asyncio
import json
import ssl

import pytest

from agent.emulator.emulator import Emulator
from agent.emulator.options import CA_FILE
from tests.emulator import probe
from tests.emulator.probe import Probe
from tests.emulator.support import DEVICE, DOWN, UP, login


def strict_context() -> ssl.SSLContext:
    """Verify as Python 3.13 does by default."""
    context = ssl.create_default_context(cafile=CA_FILE)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


async def test_a_session_through_tls_with_the_shipped_ca():
    async with Emulator() as emulator:
        assert emulator.ports.ca_file == CA_FILE
        device = await Probe.connected(
            emulator.ports.tencent.mqtts, tls=strict_context(), **login()
        )
        assert await device.subscribe((DOWN, 1)) == b"\x01"
        device.send(probe.publish(UP, b'{"method":"get_status","clientToken":"g"}'))
        assert json.loads((await device.message()).payload)["method"] == "get_status_reply"
        session = emulator.describe(DEVICE)["session"]
        assert isinstance(session, dict)
        assert session["tls"] is True
        await device.close()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
async def test_the_certificate_is_good_for_every_name_of_the_loopback(name):
    async with Emulator() as emulator:
        port = emulator.ports.tencent.mqtts
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=strict_context(), server_hostname=name
        )
        writer.close()
        await writer.wait_closed()


async def test_another_name_and_another_trust_are_refused():
    async with Emulator() as emulator:
        port = emulator.ports.tencent.mqtts
        for context, name in (
            (strict_context(), "CS0SLTKSYA.iotcloud.tencentdevices.com"),
            (ssl.create_default_context(), "localhost"),
        ):
            with pytest.raises(ssl.SSLCertVerificationError):
                await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)


def test_the_ca_is_constrained_to_the_loopback():
    text = CA_FILE.read_text()
    assert text.count("BEGIN") == 1
    assert "PRIVATE" not in text
    certificates = strict_context().get_ca_certs(binary_form=True)
    oid_of_name_constraints = bytes.fromhex("0603551d1e")
    critical = bytes.fromhex("0101ff")
    assert any(oid_of_name_constraints + critical in each for each in certificates)
