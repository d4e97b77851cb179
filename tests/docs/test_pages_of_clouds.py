"""What the page of one cloud says of sign-in, trust and limits is what its code does."""

import hashlib
import re
import ssl
from datetime import UTC, datetime

import pytest

from agent.cli.credentials import from_json
from agent.cli.forms import FORMS
from agent.clouds.aliyun import login as aliyun_login
from agent.clouds.aliyun.credentials import host_of
from agent.clouds.limits import LIMITS
from agent.clouds.onenet import address
from agent.clouds.onenet.token import LIFETIME_S
from agent.clouds.tencent import codec as tencent
from agent.clouds.tencent.credentials import HOSTS
from agent.clouds.tls import TRUST
from agent.settings.clouds.pasted import read_mqtt_params
from tests.docs.loading import loaded, sections_of, toml_blocks
from tests.docs.pages import ROOT, code_blocks, text_of

PAGES = {name: ROOT / "docs" / f"{name}.md" for name in ("tencent", "aliyun", "onenet")}
FINGERPRINT = re.compile(r"\b(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\b")
SHIPPED = {
    "tencent": {tencent.ROOT},
    "aliyun": {aliyun_login.PRIVATE_ROOT, aliyun_login.PUBLIC_ROOT},
    "onenet": set(),
}
EXPIRES = re.compile(r"until (\d{4}-\d\d-\d\d)")
FORM_OF = {"tencent": ("tencent", ""), "aliyun": ("aliyun", ""), "onenet": ("onenet", "thing")}
each_cloud = pytest.mark.parametrize("cloud", PAGES)


def fingerprint(path):
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(text_of(path))).hexdigest().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


@each_cloud
def test_the_fingerprints_are_those_of_the_roots_that_are_trusted(cloud):
    shipped = {fingerprint(TRUST / name) for name in SHIPPED[cloud]}
    pinned = set(address.FINGERPRINTS) if cloud == "onenet" else set()
    shown = set(FINGERPRINT.findall(text_of(PAGES[cloud])))
    assert shown == shipped | {":".join(re.findall("..", each)) for each in pinned}


def test_every_root_that_is_shipped_is_on_some_page():
    assert {path.name for path in TRUST.glob("*.pem")} == set().union(*SHIPPED.values())
    for cloud, names in SHIPPED.items():
        for name in names:
            assert f"`agent/trust/{name}`" in text_of(PAGES[cloud])


@each_cloud
def test_the_roots_expire_when_the_page_says(cloud):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name in SHIPPED[cloud]:
        context.load_verify_locations(TRUST / name)
    seconds = [ssl.cert_time_to_seconds(str(each["notAfter"])) for each in context.get_ca_certs()]
    days = {datetime.fromtimestamp(each, UTC).date().isoformat() for each in seconds}
    assert set(EXPIRES.findall(text_of(PAGES[cloud]))) == days


@each_cloud
def test_each_section_that_is_shown_loads(cloud, tmp_path):
    whole = [block for block in toml_blocks(PAGES[cloud]) if "[device]" in block]
    assert whole
    for block in whole:
        assert tuple(loaded(tmp_path, block).clouds) == sections_of(block) == (cloud,)


@each_cloud
def test_the_json_of_the_console_that_is_shown_is_what_init_takes(cloud):
    form = FORMS[FORM_OF[cloud]]
    shown = [
        "\n".join(lines) for language, lines in code_blocks(PAGES[cloud]) if language == "json"
    ]
    assert shown
    for text in shown:
        pasted = from_json(text)
        if form.is_whole(pasted):
            assert read_mqtt_params(text.replace("…", "0123")).device_name == "testdevice1"
        else:
            assert all(pasted.find(ask.spellings) for ask in form.device)
            assert pasted.find(form.secret.spellings) == "…"


@pytest.mark.parametrize(
    ("cloud", "host"),
    [
        ("tencent", HOSTS["china"].format("PRODUCTID")),
        ("tencent", HOSTS["us-east"].format("PRODUCTID")),
        ("tencent", HOSTS["europe"].format("PRODUCTID").replace("europe", "REGION")),
        ("tencent", HOSTS["ap-bangkok"].format("PRODUCTID").replace("ap-bangkok", "REGION")),
        ("aliyun", host_of("PRODUCTKEY", None, "REGION")),
        ("aliyun", host_of("PRODUCTKEY", "INSTANCEID", "REGION")),
        *(("onenet", host) for host in (*address.SHARED, address.LEGACY)),
        *(("onenet", host.format("PRODUCTID")) for host in address.PRODUCT),
    ],
)
def test_the_hosts_are_those_of_the_code(cloud, host):
    assert f"`{host}`" in text_of(PAGES[cloud])


@pytest.mark.parametrize(
    ("cloud", "limits"),
    [
        *((dialect.partition("-")[0], each) for dialect, each in LIMITS.items()),
    ],
)
def test_what_the_agent_keeps_to_is_what_its_codec_says(cloud, limits):
    (limits_of,) = re.findall(r"## Limits\n(.*?)\n## ", text_of(PAGES[cloud]), re.DOTALL)
    waits, refused = limits.connect_interval_s, limits.rejected_interval_s / 60
    assert re.search(rf"in {waits:g} s|{waits:g} s", limits_of)
    assert re.search(rf"{refused:g} to 15 minutes", text_of(PAGES[cloud]))
    assert f"{limits.messages_per_s:g} a second" in limits_of
    assert f"{limits.payload_bytes // 1024} KB" in limits_of


def test_a_token_holds_as_long_as_the_page_says():
    assert f"{LIFETIME_S // 86_400} days" in text_of(PAGES["onenet"])
