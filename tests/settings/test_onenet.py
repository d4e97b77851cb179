"""`[clouds.onenet]`: three generations, and what fits each."""

import pytest

from agent.settings.clouds import OnenetSettings, TencentSettings
from agent.settings.faults import ConfigFaults
from agent.settings.load import load

KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="
DEVICE = '[device]\nid = "socket-1"\nkind = "socket"\nclouds = ["onenet"]\n[clouds.onenet]\n'
THING = f'product_id = "9MaNe52pNO"\ndevice_name = "dev1"\ndevice_key = "{KEY}"\n'
LEGACY = (
    'generation = "legacy"\ntls = false\nproduct_id = "91025"\ndevice_name = "9377500"\n'
    'device_key = "y7zd=7wNaObdfRYhxQn7D5jiDnI="\n'
)


def config(folder, text):
    path = folder / "socket.toml"
    path.write_text(DEVICE + text)
    path.chmod(0o600)
    return load(path, {})


def cloud(folder, text):
    return config(folder, text).devices[0].clouds["onenet"]


def fault(folder, text):
    with pytest.raises(ConfigFaults) as caught:
        config(folder, text)
    (only,) = caught.value.faults
    return only


def changed(text, key, value):
    """Write *key* anew."""
    kept = [line for line in text.splitlines() if not line.startswith(f"{key} =")]
    return "\n".join([*kept, f"{key} = {value}", ""])


def test_a_small_section_has_defaults_for_the_rest(tmp_path):
    got = cloud(tmp_path, THING)
    assert (got.generation, got.method, got.version, got.domain) == (
        "thing",
        "sha256",
        "2018-10-31",
        "shared",
    )
    assert (got.res, got.stamps) == (None, "beijing")
    assert got.device_key.get_secret_value() == KEY


@pytest.mark.parametrize(
    ("text", "keepalive_s"),
    [
        (THING, 60),
        (THING + 'generation = "datastream"\n', 120),
        (LEGACY, 120),
        (THING + "keepalive_s = 10\n", 10),
        (LEGACY + "keepalive_s = 1800\n", 1800),
    ],
)
def test_the_keep_alive_depends_on_the_generation(tmp_path, text, keepalive_s):
    assert cloud(tmp_path, text).effective_keepalive_s == keepalive_s


@pytest.mark.parametrize("method", ["sha256", "SHA1", "Md5"])
def test_a_method_may_stand_in_any_letter_case(tmp_path, method):
    assert cloud(tmp_path, THING + f'method = "{method}"\n').method == method


@pytest.mark.parametrize(
    ("base", "key", "value", "allowed"),
    [
        (THING, "product_id", '"9Ma-Ne"', "1 to 32 letters and digits"),
        (THING, "product_id", '""', "1 to 32 letters and digits"),
        (THING, "device_name", '"dev 1"', "1 to 64 letters, digits, '_' or '-'"),
        (THING, "device_name", '"' + "d" * 65 + '"', "1 to 64 letters"),
        (LEGACY, "product_id", '"9MaNe52pNO"', 'digits, because generation = "legacy"'),
        (LEGACY, "device_name", '"dev1"', 'digits, because generation = "legacy"'),
        (THING, "device_key", '"y7zd=7wNaObdfRYhxQn7D5jiDnI="', "base64"),
        (THING, "device_key", '"IyXmUW5"', "base64"),
        (LEGACY, "device_key", '"two words"', "APIKey"),
        (THING, "method", '"sha512"', "sha256, sha1 or md5"),
        (THING, "keepalive_s", "9", "10 to 1800"),
        (THING, "keepalive_s", "1801", "10 to 1800"),
        (LEGACY, "keepalive_s", "119", '120 to 1800, because generation = "legacy"'),
        (THING, "tls", '"psk"', "true or false"),
        (LEGACY, "tls", "true", 'false, because generation = "legacy" has no TLS'),
        (LEGACY, "domain", '"product"', '"shared", because'),
        (THING, "custom_topics", '["a"]', 'generation = "thing" has no topics of one\'s own'),
        (LEGACY, "custom_topics", '["a", "$creq/b"]', "do not begin with '$'"),
        (LEGACY, "custom_topics", '["a/+"]', "without + and #"),
        (LEGACY, "custom_topics", '["a#"]', "without + and #"),
        (LEGACY, "custom_topics", '[""]', "do not begin"),
        (LEGACY, "custom_topics", '["a\\u0000"]', "do not begin"),
        (THING, "stamps", '"local"', "beijing | utc | none"),
        (THING, "history", '"none"', "history | batch | single"),
        (THING, "batch", "true", "all | properties | none"),
        (LEGACY, "history", '"batch"', '"history" or "single", because generation = "legacy"'),
        (LEGACY, "batch", '"properties"', '"all" or "none", because generation = "legacy"'),
        (THING, "domain", '"own"', "shared | product"),
        (THING, "generation", '"new"', "thing | datastream | legacy"),
        (THING, "product_id", "3", "1 to 32 letters and digits"),
        (THING, "device_name", "3", "1 to 64 letters"),
        (THING, "res", '""', "1 to 256 characters"),
        (THING, "version", '""', "1 to 32 characters"),
        (THING, "keepalive_s", "true", "10 to 1800"),
        (THING, "port", "70000", "1 to 65535"),
        (THING, "verify", '"none"', "full | ca-only"),
        (THING, "ca_file", '"nowhere.pem"', "a PEM file"),
    ],
)
def test_what_does_not_fit_is_told_with_what_is_allowed(tmp_path, base, key, value, allowed):
    got = fault(tmp_path, changed(base, key, value))
    assert got.key == f"clouds.onenet.{key}"
    assert allowed in got.allowed
    assert key != "device_key" or value.strip('"') not in str(got)


@pytest.mark.parametrize(
    ("written", "meant"), [("thin", "thing"), ("data", "datastream"), ("legcy", "legacy")]
)
def test_a_generation_that_is_misspelt_is_understood(tmp_path, written, meant):
    got = fault(tmp_path, THING + f'generation = "{written}"\n')
    assert (got.line, got.found, got.hint) == (9, f'"{written}"', f"did you mean {meant!r}?")


def test_the_topic_that_is_wrong_is_shown(tmp_path):
    got = fault(tmp_path, LEGACY + 'custom_topics = ["a", "$creq/b"]\n')
    assert (got.line, got.found) == (11, '"$creq/b"')


def test_all_that_does_not_fit_the_old_platform_is_told_at_once(tmp_path):
    with pytest.raises(ConfigFaults) as caught:
        config(tmp_path, THING + 'generation = "legacy"\ntls = false\n')
    assert [each.key for each in caught.value.faults] == [
        "clouds.onenet.product_id",
        "clouds.onenet.device_name",
    ]


def test_datastreams_have_no_topics_of_ones_own_either(tmp_path):
    text = THING + 'generation = "datastream"\ncustom_topics = ["a"]\n'
    assert "datastream" in fault(tmp_path, text).allowed


def test_topics_of_the_users_own_belong_to_the_old_platform():
    got = OnenetSettings(
        generation="legacy",
        tls=False,
        product_id="91025",
        device_name="9377500",
        custom_topics=("TurnipRobot", "/9377500/voltage"),
    )
    assert got.custom_topics == ("TurnipRobot", "/9377500/voltage")


@pytest.mark.parametrize(
    ("extra", "warns"),
    [
        ("", True),
        ('host = "mqttstls.heclouds.com"\n', True),
        ('ca_file = "ca.pem"\n', False),
        ("tls = false\n", False),
        ('host = "broker.lan"\n', False),
        ('domain = "product"\n', False),
    ],
)
def test_the_root_that_is_not_shipped_is_asked_for(tmp_path, extra, warns):
    (tmp_path / "ca.pem").write_text("")
    warnings = config(tmp_path, THING + extra).warnings
    where = f"{tmp_path}/socket.toml:5: clouds.onenet: set ca_file"
    assert any(each.startswith(where) for each in warnings) == warns


def test_the_secret_of_a_cloud_without_generations_is_judged_as_before():
    assert TencentSettings.secret_fault_in({}, "device_secret", "no base64 at all") is not None


def test_systemd_may_bring_the_key(tmp_path):
    (tmp_path / "onenet.device_key").write_text(KEY)
    path = tmp_path / "socket.toml"
    path.write_text(DEVICE + "".join(THING.splitlines(keepends=True)[:2]))
    got = load(path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).devices[0].clouds["onenet"]
    assert isinstance(got, OnenetSettings)
    assert got.device_key.get_secret_value() == KEY


def test_variables_change_the_generation_and_the_names(tmp_path):
    path = tmp_path / "socket.toml"
    path.write_text(DEVICE + THING)
    path.chmod(0o600)
    environ = {
        "POLYCLOUD_CLOUDS__ONENET__GENERATION": "datastream",
        "POLYCLOUD_CLOUDS__ONENET__RENAME": '{"total_energy": "kwh"}',
    }
    got = load(path, environ).devices[0].clouds["onenet"]
    assert isinstance(got, OnenetSettings)
    assert (got.generation, got.rename) == ("datastream", {"total_energy": "kwh"})
    with pytest.raises(ConfigFaults, match=r"environment: \w+__GENERATION: found .legacy"):
        load(path, {"POLYCLOUD_CLOUDS__ONENET__GENERATION": "legacyy"})


def test_one_identity_in_two_files_is_told(tmp_path):
    simulated = "".join(
        f'[device.{part}]\ndriver = "simulated"\n'
        for part in ("meter", "relay", "button", "indicator")
    )
    for name, number in (("a", 1), ("b", 2)):
        text = DEVICE.replace("socket-1", f"socket-{number}") + THING + simulated
        (tmp_path / f"{name}.toml").write_text(text)
        (tmp_path / f"{name}.toml").chmod(0o600)
    with pytest.raises(ConfigFaults) as caught:
        load(tmp_path, {})
    (got,) = caught.value.faults
    assert (got.line, got.key) == (7, "clouds.onenet.device_name")
    assert "a.toml: clouds.onenet.device_name has too" in got.found
