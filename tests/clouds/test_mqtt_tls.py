"""TLS to a broker: what is verified, and how each failure is named."""

import asyncio
import datetime as dt
import ssl

import pytest
import trustme

from agent.clouds.mqtt import MqttTransport
from agent.clouds.tls import context_for, load_trust
from agent.ports import Publish, Subscription, Tls
from tests.clouds.brokers import params, real_broker, scripted, trusting
from tests.clouds.refusal import refusal

pytestmark = pytest.mark.usefixtures("quiet_loop")

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


async def test_tls_to_a_real_broker_is_verified(tmp_path, authority):
    leaf = authority.issue_cert("127.0.0.1")
    async with real_broker(tmp_path, "allow_anonymous true", tls=leaf) as port:
        tls = trusting(authority, tmp_path)
        async with asyncio.timeout(10), MqttTransport().connect(params(port, tls=tls)) as session:
            await session.subscribe(Subscription(topic="a"))
            await session.publish(Publish(topic="a", payload=b"x" * 10_000, qos=1))
            assert len((await anext(session.messages())).payload) == 10_000
        error = await refusal(port, tls=Tls(anchors=("tencent-root.pem",)))
    assert "not trusted here" in str(error)


async def tls_refusal(leaf, tls):
    async with scripted(tls=leaf) as broker:
        return str(await refusal(broker.port, tls=tls))


async def test_a_wrong_authority_is_named(tmp_path, authority):
    leaf = trustme.CA().issue_cert("127.0.0.1")
    error = await tls_refusal(leaf, trusting(authority, tmp_path))
    assert "not trusted here" in error
    assert "ca_file" in error


async def test_an_expired_certificate_is_named(tmp_path, authority):
    leaf = authority.issue_cert("127.0.0.1", not_before=NOW - 2 * DAY, not_after=NOW - DAY)
    error = await tls_refusal(leaf, trusting(authority, tmp_path))
    assert "has expired" in error
    assert "clock" in error


async def test_a_certificate_of_the_future_is_named(tmp_path, authority):
    leaf = authority.issue_cert("127.0.0.1", not_before=NOW + DAY, not_after=NOW + 2 * DAY)
    error = await tls_refusal(leaf, trusting(authority, tmp_path))
    assert "not yet valid" in error
    assert "clock" in error


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_wrong_host_name_is_named(tmp_path, authority, host):
    leaf = authority.issue_cert("broker.example")
    async with scripted(tls=leaf) as broker:
        tls = trusting(authority, tmp_path)
        error = str(await refusal(broker.port, host=host, tls=tls))
    assert "server_name" in error


async def test_a_server_name_replaces_the_host_in_the_check(tmp_path, authority):
    leaf = authority.issue_cert("broker.example")
    tls = trusting(authority, tmp_path, server_name="broker.example")
    async with (
        scripted(tls=leaf) as broker,
        asyncio.timeout(10),
        MqttTransport().connect(params(broker.port, tls=tls)),
    ):
        pass


async def test_without_the_name_check_only_a_private_root_is_trusted(tmp_path, authority):
    leaf = authority.issue_cert("broker.example")
    tls = trusting(authority, tmp_path, verifies_host=False)
    async with (
        scripted(tls=leaf) as broker,
        asyncio.timeout(10),
        MqttTransport().connect(params(broker.port, tls=tls)),
    ):
        pass
    context = context_for(tls)
    load_trust(context, tls)
    assert context.cert_store_stats()["x509_ca"] == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert "ca_file" in await tls_refusal(leaf, Tls(verifies_host=False))


async def test_a_plain_port_is_told_from_a_tls_port(tmp_path, authority):
    async with real_broker(tmp_path, "allow_anonymous true") as port:
        error = str(await refusal(port, tls=trusting(authority, tmp_path)))
    assert "check that" in error
    assert "tls" in error.lower()


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), ("x", "PEM")])
async def test_a_ca_file_that_is_none_is_named(tmp_path, content, words):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    error = str(await refusal(1, tls=Tls(ca_file=str(path))))
    assert words in error
    assert str(path) in error


def test_old_tls_is_not_spoken_and_the_shipped_root_loads():
    tls = Tls(anchors=("tencent-root.pem",))
    context = context_for(tls)
    load_trust(context, tls)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    names = [dict(part[0] for part in cert["subject"]) for cert in context.get_ca_certs()]
    assert any(name.get("organizationalUnitName") == "Tencent Iothub" for name in names)
