"""Malformed downlinks of each generation, as the fault `garbage` sends them."""

from typing import Final

_BODIES: Final = (
    b"",
    b"\xff\xfe\x00",
    b"{",
    b"[]",
    b"null",
    b'"7"',
    b"[" * 8000,
    b'{"id":7,"params":{}}',
    b'{"id":"7"}',
    b'{"id":["7"],"version":1,"params":"x"}',
    b'{"id":"7","params":[{}]}',
    b'{"id":"7","params":{"":NaN}}',
    b'{"id":"7","params":{"power_switch":{"value":true}}}',
    b'{"id":"99999999999999999999","params":null}',
)

THING_GARBAGE: Final = (
    *(("thing/property/set", body) for body in _BODIES),
    ("thing/property/get", b'{"id":"7","params":{"power_switch":1}}'),
    ("thing/property/post/reply", b'{"id":7,"code":"200"}'),
    ("thing/property/desired/get/reply", b'{"id":"7","code":200,"data":[]}'),
    ("thing/property/desired/get/reply", b'{"id":"7","code":200,"data":{"power_switch":1}}'),
    ("thing/service/reset_energy/invoke", b'{"id":"7"}'),
    ("thing/service//invoke", b'{"id":"7","params":{}}'),
    ("ota/inform", b"{}"),
)

_COMMANDS: Final = (
    b"",
    b"\xff\xfe\x00",
    b"{",
    b"[]",
    b"null",
    b"ON?",
    b"[" * 8000,
    b'{"power_switch":{"value":true}}',
    b'{"":NaN}',
)

DATASTREAM_GARBAGE: Final = (
    *(("cmd/request/00000000-0000-0000-0000-000000000000", body) for body in _COMMANDS),
    ("cmd/request/", b"{}"),
    ("dp/post/json/accepted", b"{"),
    ("dp/post/json/accepted", b'{"id":"7"}'),
    ("dp/post/json/rejected", b'{"id":-1}'),
    ("cmd/response/0/rejected", b'{"err_code":"x"}'),
)

LEGACY_GARBAGE: Final = (
    *(("$creq/00000000-0000-0000-0000-000000000000", body) for body in _COMMANDS),
    ("$creq/", b"on"),
    ("$creq/a/b", b"on"),
)
