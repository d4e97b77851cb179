"""What is redacted says nothing of whose it was; what cannot be is refused by its place."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from agent.clouds.dialogue.neutral import DialogueError
from agent.clouds.dialogue.stand_ins import is_stand_in
from agent.clouds.redact import redact, remains

HEADER = {"is": "dialogue", "section": {"product_id": "CS0SLTKSYA", "device_name": "kitchen7"}}
CONNECT = {
    "is": "connect",
    "host": "CS0SLTKSYA.iotcloud.tencentdevices.com",
    "client_id": "CS0SLTKSYAkitchen7",
    "username": "CS0SLTKSYAkitchen7;12010126;338f1;1800087400",
}


def rows_of(*rows):
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n"


def redacted(*rows, keep=()):
    text = redact(rows_of(HEADER, *rows), keep)
    assert redact(text, keep) == text, "what is redacted does not change any more"
    return [json.loads(row) for row in text.splitlines()]


def payload(text):
    (row,) = redacted({"is": "down", "payload": text})[1:]
    return row["payload"]


def refused(*rows):
    with pytest.raises(DialogueError) as caught:
        redact(rows_of(HEADER, *rows))
    return str(caught.value)


# ── names ───────────────────────────────────────────────────────────────────────────────────


def test_names_become_stand_ins_of_the_same_shape_wherever_they_stand():
    header, connect, down = redacted(
        CONNECT,
        {
            "is": "down",
            "topic": "$thing/down/property/CS0SLTKSYA/kitchen7",
            "payload": '{"clientToken":"CS0SLTKSYA-17",'
            '"x":"%2Fkitchen7\\u0026CS0SLTKSYA\\nkitchen7"}',
        },
    )
    product, device = header["section"]["product_id"], header["section"]["device_name"]
    assert (product, device) == ("AA0AAAAAAB", "aaaaaaa1")
    assert connect["host"] == f"{product}.iotcloud.tencentdevices.com"
    assert connect["client_id"] == product + device
    assert connect["username"] == f"{product}{device};12010126;338f1;1800087400"
    assert down["topic"] == f"$thing/down/property/{product}/{device}"
    assert down["payload"] == (
        f'{{"clientToken":"{product}-17","x":"%2F{device}\\u0026{product}\\n{device}"}}'
    )


def test_pasted_parameters_name_product_and_device_in_the_login():
    connect = {"client_id": "a1|securemode=3|", "username": "pump-0042&k19g7hBjoOD"}
    own = redacted({**connect, "client_id": "boiler12|securemode=3|"})[1]
    assert own == {"client_id": "aaaaaa01|securemode=3|", "username": "aaaa-0001&a00a0aAaaAB"}
    joined = redacted({**connect, "client_id": "k19g7hBjoOD.pump-0042|x=3|"})[1]["client_id"]
    assert joined == "a00a0aAaaAB.aaaa-0001|x=3|"


@pytest.mark.parametrize("name", ["on", "99", "1234", "toggle", "PROPERTY", "power_switch"])
def test_a_name_that_the_messages_use_too_is_refused(name):
    header = {"is": "dialogue", "section": {"device_name": name}}
    with pytest.raises(DialogueError, match=r"line 1: .* record with a device of another name"):
        redact(rows_of(header, {"payload": '{"power_switch":1}'}))


def test_a_name_that_hides_in_a_longer_word_is_refused():
    assert refused({"payload": "xkitchen7"}) == (
        "line 2: payload: the name of a product or a device remains"
    )


def test_two_names_of_one_shape_get_two_stand_ins_and_none_that_is_there_already():
    section = {"product_id": "1234567", "device_name": "7654321"}
    header, other = redacted_rows({"section": section}, {"payload": "1000001"})
    assert header["section"] == {"product_id": "1000002", "device_name": "1000003"}
    assert other["payload"] == "1000001"


def redacted_rows(*rows):
    return [json.loads(row) for row in redact(rows_of(*rows)).splitlines()]


# ── hosts and addresses ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("k19g7hBjoOD.iot-as-mqtt.cn-shanghai.aliyuncs.com", "a00a0aAaaAB.iot-as-mqtt.cn-shanghai"),
        ("iot-06z00d9jq7p2pgk.mqtt.iothub.aliyuncs.com", "aaa-00a00a0aa0a0aab.mqtt.iothub"),
        ("mqttstls.heclouds.com", "mqttstls.heclouds.com"),
        ("broker.my-company.cn", "aaaaab.aa-aaaaaab.ab"),
        ("tencent.test", "tencent.test"),
        ("localhost", "localhost"),
        ("192.168.1.17", "000.000.0.01"),
        ("2001:db8:85a3::8a2e:370:7334", "0000:aa0:00a0::0a0a:000:0001"),
    ],
)
def test_a_host_keeps_only_what_is_the_platforms(host, shown):
    row = redacted({"host": host, "why": f"{host} cannot be resolved"})[1]
    assert row["host"].startswith(shown)
    assert row["why"] == f"{row['host']} cannot be resolved"


def test_a_host_in_a_url_is_hidden_and_the_domain_of_a_platform_stays():
    text = "see https://files.my-company.cn/a?b=1 and mqtt://heclouds.com:1883"
    assert payload(text) == "see https://aaaab.aa-aaaaaab.ab/a?b=1 and mqtt://heclouds.com:1883"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at 3C:0F:02:aB:00:11 now", "at 0A:0A:00:aA:00:01 now"),
        ("3c-0f-02-ab-00-11", "0a-0a-00-aa-00-01"),
        ("10.0.0.5:1883", "00.0.0.1:1883"),
        ("[fe80::1]", "[aa00::1]"),
        ("12:34:56", "12:34:56"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_addresses_are_hidden_and_times_and_versions_are_not(text, shown):
    assert payload(text) == shown


# ── secrets ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"device_secret":"abc","x":1}', '{"device_secret":"aab","x":1}'),
        ('{"psk": 123456, "x": 1}', '{"psk": 100001, "x": 1}'),
        ('{\\"Password\\":\\"S3cret\\"}', '{\\"Password\\":\\"A0aaab\\"}'),
        ("version=1&sign=q%2Fr%3D&et=1", "version=1&sign=a%2Fb%3D&et=1"),
        ('{"token":"a\\/b\\u003d"}', '{"token":"a\\/b\\u003d"}'),
        ('{"token":null,"sign":true,"token2":"x"}', '{"token":null,"sign":true,"token2":"x"}'),
        ("signmethod=hmacsha256", "signmethod=hmacsha256"),
        ('{"clientToken":"17"}', '{"clientToken":"17"}'),
        ('{"imei":"862245051234567"}', '{"imei":"100000000000001"}'),
    ],
)
def test_what_stands_under_the_key_of_a_secret_is_hidden(text, shown):
    assert payload(text) == shown


def test_a_secret_under_a_key_is_hidden_elsewhere_too_and_however_deep():
    rows = redacted(
        {"section": {"device_secret": ["Hidden99", 47.5, True, None]}},
        {"payload": '{"password":"Hidden88"}', "why": "Hidden88 is wrong"},
    )
    assert rows[1]["section"]["device_secret"] == ["Aaaaaa02", 11, True, None]
    assert rows[2] == {"payload": '{"password":"Aaaaaa01"}', "why": "Aaaaaa01 is wrong"}


def test_the_ids_of_requests_are_hidden_where_they_look_like_secrets():
    first, second = "72b24b39-3020-5520-8e7a-5839d8f8c43d", "1229384756102938475"
    rows = redacted(
        {"topic": f"$creq/{first}", "payload": "on"},
        {"id": first},
        {"topic": f"/sys/x/rrpc/request/{second}", "payload": f'{{"msgId":"{second}"}}'},
    )
    assert rows[1]["topic"] == f"$creq/{rows[2]['id']}"
    assert rows[2]["id"] == "00a00a01-3020-5520-0a0b-0000a0a0a00b"
    assert rows[3]["topic"].rpartition("/")[2] == json.loads(rows[3]["payload"])["msgId"]
    assert second not in json.dumps(rows)


def test_what_looks_like_a_secret_is_refused_by_its_place_and_not_shown():
    secret = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79"
    told = refused({"payload": f'{{"x":"{secret}"}}'}, {"why": ["a", f"is {secret}"]})
    assert told == (
        "line 2: payload: 32 characters from 6 on: they look like a secret;"
        " line 3: why: 32 characters from 3 on: they look like a secret"
    )
    assert refused(*[{"why": secret}] * 25).endswith("; and 5 more")


def test_a_secret_may_not_be_a_key_nor_a_number():
    assert refused({"0f3c9ab2770de418": 1}).startswith("line 2: a key: 16 characters")
    assert refused({"x": 4711471147114711}).startswith("line 2: x: 16 characters")


def test_what_remains_is_looked_for_without_regard_to_how_it_was_redacted():
    rows = [{"section": {"psk": ["tell"]}}, {"why": "password=tell me"}, {"x": "of kitchen7"}]
    assert list(remains(rows, ["kitchen7"])) == [
        "line 1: section.psk: what stands there is secret",
        "line 2: why: 4 characters from 9 on: they stand under the key of a secret",
        "line 3: x: the name of a product or a device remains",
    ]


def test_a_word_that_is_known_to_be_none_may_be_kept():
    row = {"payload": '{"Boiler2TemperatureX1":1}'}
    assert "look like a secret" in refused(row)
    assert redacted(row, keep=["Boiler2TemperatureX1"])[1] == row


@pytest.mark.parametrize(
    "text",
    [
        "thing.event.property.post and OverCurrentThreshold or PowerConsumption",
        "$sys/x/thing/property/desired/get/reply",
        '{"timestamp":1800001000000,"clientToken":"clientToken-17-1584659816"}',
        "mqtts-test-device hmacsha256 2018-10-31",
        "tripped: overcurrent 14.8 A; a stored command does not reset a trip",
    ],
)
def test_words_numbers_and_topics_are_no_secrets(text):
    assert payload(text) == text


def test_a_file_that_is_no_dialogue_is_refused_by_its_line():
    with pytest.raises(DialogueError, match="line 2: no JSON"):
        redact(rows_of(HEADER, "{"))


# ── wherever a secret is ────────────────────────────────────────────────────────────────────

DIALOGUE = (Path(__file__).parent.parent / "fixtures/dialogues/tencent.jsonl").read_text("utf-8")
ROWS = list({row.split('"')[3]: row for row in DIALOGUE.splitlines()}.values())
"""One line of each kind."""

secrets = st.one_of(
    st.binary(min_size=16, max_size=48).map(lambda raw: base64.b64encode(raw).decode()),
    st.binary(min_size=16, max_size=48).map(lambda raw: base64.urlsafe_b64encode(raw).decode()),
    st.binary(min_size=8, max_size=32).map(bytes.hex),
    st.binary(min_size=8, max_size=32).map(lambda raw: raw.hex().upper()),
)
wrappings = st.sampled_from(
    [
        lambda text: text,
        lambda text: quote(text, safe=""),
        lambda text: json.dumps({"x": text}),
        lambda text: json.dumps({"device_secret": text}),
        lambda text: json.dumps(json.dumps({"a": [text]})),
        lambda text: json.dumps(text).replace("/", "\\/").replace("=", "\\u003d"),
        lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
        lambda text: f"version=2018-10-31&res=a&sign={quote(text, safe='')}&et=1",
        lambda text: f"\x03\x00\x88{text}\udc80",
    ]
)


def _redacted_or_told(text):
    try:
        return redact(text), ""
    except DialogueError as error:
        return "", str(error)


def _put(value, key, text):
    if isinstance(value, dict) and isinstance(value.get(key), dict):
        return {**value, key: {**value[key], "more": text}}
    return {**value, key: text}


@given(secret=secrets, wrap=wrappings, data=st.data())
@example(secret="IyXmUW5sU/q1vnb5yzTkeQ==", wrap=lambda text: text, data=None)
def test_a_secret_never_survives_wherever_it_is(secret, wrap, data):
    assume(len(set(secret)) >= 8)
    assume(not is_stand_in(secret))
    number = 5 if data is None else data.draw(st.integers(0, len(ROWS) - 1))
    row = json.loads(ROWS[number])
    key = "payload" if data is None else data.draw(st.sampled_from([*row, "new"]))
    row = _put(row, key, wrap(secret))
    if data is not None and data.draw(st.booleans()):
        row = {**json.loads(ROWS[number]), wrap(secret): 1}
    rows = [*ROWS[:number], json.dumps(row), *ROWS[number + 1 :]]
    text, told = _redacted_or_told("\n".join(rows))
    assert secret not in told
    found = json.dumps([json.loads(each) for each in text.splitlines()], ensure_ascii=False)
    for form in (secret, quote(secret, safe=""), wrap(secret)):
        assert form not in found
        assert form not in text
