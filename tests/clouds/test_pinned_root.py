"""A root that is known by its sum: of what a ca_file holds, only that is trusted."""

import asyncio
import ssl

import pytest

from agent.clouds.mqtt import MqttTransport
from agent.clouds.tls import context_for, load_trust
from agent.errors import TransportError
from agent.ports import Tls
from tests.clouds.brokers import params, scripted
from tests.clouds.old_root import make_old_root
from tests.clouds.refusal import refusal

pytestmark = pytest.mark.usefixtures("quiet_loop")


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    folder = tmp_path_factory.mktemp("roots")
    return make_old_root(folder, "ours"), make_old_root(folder, "other")


@pytest.fixture
def bundle(tmp_path, roots):
    path = tmp_path / "bundle.pem"
    path.write_text("a note\n" + roots[1].pem + "another\n" + roots[0].pem)
    return str(path)


def loaded(tls):
    context = context_for(tls)
    load_trust(context, tls)
    return [
        dict(part[0] for part in each["subject"])["commonName"] for each in context.get_ca_certs()
    ]


def pinned(path, *sums):
    return Tls(ca_file=str(path), fingerprints=sums, verifies_host=False)


async def test_an_old_root_is_accepted_by_a_real_handshake(roots):
    ours, _ = roots
    tls = Tls(ca_file=str(ours.path), fingerprints=(ours.fingerprint,))
    async with (
        scripted(tls=ours) as broker,
        asyncio.timeout(10),
        MqttTransport().connect(params(broker.port, tls=tls)),
    ):
        pass


async def test_only_because_the_strict_rules_are_not_asked_for(roots):
    ours, _ = roots
    tls = Tls(ca_file=str(ours.path))
    context = context_for(tls)
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    load_trust(context, tls)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    async with scripted(tls=ours) as broker, asyncio.timeout(10):
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection("127.0.0.1", broker.port, ssl=context)


async def test_a_root_without_the_sum_is_not_trusted_though_the_file_holds_it(roots, bundle):
    ours, other = roots
    tls = Tls(ca_file=bundle, fingerprints=(ours.fingerprint,))
    async with scripted(tls=other) as broker:
        error = str(await refusal(broker.port, tls=tls))
    assert "not trusted here" in error


def test_of_a_bundle_only_what_has_the_sum_is_loaded(roots, bundle):
    ours, other = roots
    assert loaded(pinned(bundle, ours.fingerprint.lower())) == ["ours"]
    assert sorted(loaded(pinned(bundle, ours.fingerprint, other.fingerprint))) == ["other", "ours"]
    assert sorted(loaded(pinned(bundle))) == ["other", "ours"]


def test_another_root_is_refused_with_the_sums_found_and_expected(roots, bundle):
    ours, other = roots
    with pytest.raises(TransportError) as caught:
        loaded(pinned(bundle, "AB" * 32))
    for text in (bundle, ours.fingerprint, other.fingerprint, f"expected {'AB' * 32}"):
        assert text in str(caught.value)


def test_a_long_bundle_is_not_listed_whole(tmp_path, roots):
    path = tmp_path / "many.pem"
    path.write_text(roots[0].pem + "".join(make_old_root(tmp_path, f"r{n}").pem for n in range(4)))
    with pytest.raises(TransportError, match=r"found (\w{64}, ){2}\w{64} and 2 more, expected"):
        loaded(pinned(path, "AB" * 32))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"", "PEM"),
        (b"\xff\x00", "PEM"),
        (b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----", "PEM"),
    ],
)
def test_a_file_that_holds_no_root_is_named(tmp_path, content, words):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TransportError, match=words) as caught:
        loaded(pinned(path, "AB" * 32))
    assert str(path) in str(caught.value)
