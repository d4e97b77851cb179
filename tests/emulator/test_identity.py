"""The devices that a cloud knows, as a line of text names them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.emulator.identity import (
    CLOUDS,
    DeviceIdentity,
    check_device,
    check_devices,
    read_device,
    sample_device,
)
from agent.emulator.makers import MAKERS
from agent.errors import ConfigError

KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="


def test_every_cloud_has_a_maker_and_a_sample_that_it_takes():
    assert tuple(MAKERS) == CLOUDS
    for cloud in CLOUDS:
        device = sample_device(cloud)
        check_device(device)
        text = f"{cloud}/{device.product}:{device.name}:{device.secret}"
        assert read_device(text, where="x", clouds=CLOUDS) == device
        assert device.secret not in repr(device)


@pytest.mark.parametrize(
    ("text", "product", "name"),
    [
        (f"tencent/P1:a:b:{KEY}", "P1", "a:b"),
        ("aliyun/k19g7hBjoOD:a@b.c:d_-:0123456789abcdef", "k19g7hBjoOD", "a@b.c:d_-"),
        (f"onenet/9MaNe52pNO:{'n' * 64}:{KEY}", "9MaNe52pNO", "n" * 64),
        (f"onenet-datastream/238322:a-b_C:{KEY}", "238322", "a-b_C"),
        ("onenet-legacy/91025:9377500:any=Key;of-text", "91025", "9377500"),
    ],
)
def test_each_cloud_has_names_and_secrets_of_its_own(text, product, name):
    device = read_device(text, where="x", clouds=CLOUDS)
    assert (device.product, device.name) == (product, name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"P1:a:{KEY}", "the cloud stands before a slash: one of tencent"),
        (f"azure/P1:a:{KEY}", "the cloud is one of tencent"),
        ("aliyun/k19:dev:secret", "NAME is 4 to 32 letters"),
        ("aliyun/k19:dev/1:secret", "NAME is 4 to 32 letters"),
        ("aliyun/k19g7hBjoODk19g7hBjoO:dev1:secret", "PRODUCT is 1 to 20 letters"),
        ("aliyun/k19:dev1:se cret", "the secret holds something else"),
        (f"aliyun/k19:dev1:{'s' * 65}", "the secret has 65 characters"),
        (f"onenet/P1:{'n' * 65}:{KEY}", "NAME is 1 to 64 letters"),
        (f"onenet/P1:a.b:{KEY}", "NAME is 1 to 64 letters"),
        (f"onenet/P-1:a:{KEY}", "PRODUCT is 1 to 32 letters"),
        ("onenet/P1:a:no base64", "the key is not base64"),
        ("onenet-legacy/p1:1:key", "PRODUCT is 1 to 20 digits"),
        ("onenet-legacy/1:dev1:key", "NAME is 1 to 20 digits"),
        ("onenet-legacy/1:1:se cret", "1 to 128 characters without a space"),
    ],
)
def test_what_a_cloud_would_not_take_says_why_without_the_secret(text, reason):
    with pytest.raises(ConfigError, match=reason) as caught:
        read_device(text, where="--device", clouds=CLOUDS)
    assert text.rpartition(":")[2] not in str(caught.value)


def test_the_cloud_may_be_left_out_where_there_is_only_one():
    assert read_device(f"P1:a:{KEY}", where="x", clouds=("onenet",)).cloud == "onenet"


def test_two_devices_that_one_client_id_would_fit_are_refused_where_names_are_joined():
    twice = [("P1", "a"), ("P", "1a")]
    tencent = [DeviceIdentity(product=p, name=n, secret=KEY) for p, n in twice]
    with pytest.raises(ConfigError, match="tencent/P:1a stands twice"):
        check_devices(tencent, CLOUDS)
    onenet = [DeviceIdentity(cloud="onenet", product=p, name=n, secret=KEY) for p, n in twice]
    check_devices(onenet, CLOUDS)
    with pytest.raises(ConfigError, match="onenet/P1:a stands twice"):
        check_devices(
            [*onenet, DeviceIdentity(cloud="onenet", product="P1", name="a", secret="")], CLOUDS
        )
    with pytest.raises(ConfigError, match="of a cloud that is not emulated"):
        check_devices(onenet, ("tencent",))


def test_a_device_of_no_cloud_is_refused():
    with pytest.raises(ConfigError, match="the cloud is one of tencent"):
        check_device(DeviceIdentity(cloud="azure", product="P", name="a", secret=KEY))


@given(st.text(), st.sampled_from([CLOUDS, *((each,) for each in CLOUDS)]))
def test_any_text_is_a_device_or_a_reason(text, clouds):
    try:
        device = read_device(text, where="x", clouds=clouds)
    except ConfigError:
        return
    assert text.endswith(f"{device.product}:{device.name}:{device.secret}")
