"""What each platform takes: the one table of their published figures, a row for each dialect.

Where two pages of a platform disagree, or QoS 0 and QoS 1 differ, the stricter figure stands.
"""

from collections.abc import Mapping
from typing import Final

from agent.ports import PlatformLimits

TENCENT: Final = PlatformLimits(
    connect_interval_s=5,  # Explorer's limits page: one CONNECT is answered in 5 s
    rejected_interval_s=60,  # codes 3, 4 and 5 alike: 30 to 60 s or more
    messages_per_s=10,  # QoS 1 of the older limits page; the newer one: 30 of any QoS
    payload_bytes=16_384,  # limits page: 16 KB
    oldest_s=86_400,  # thing model, error 405: more than 24 h off the server's time
    batch_events=10,  # events_post: no page says how many; few enough to be sent once more
    billed_bytes=512,  # monitoring page: a message's length / 512 bytes, rounded up
)

ALIYUN: Final = PlatformLimits(
    connect_interval_s=12,  # limits page: 5 connection requests a minute and device
    rejected_interval_s=120,  # "minutes": the page on back-off names no figure
    messages_per_s=10,  # limits page: QoS 1; 30 of QoS 0; more vanish without a word
    payload_bytes=262_144,  # limits page: 256 KB
    batch_values=200,  # error codes page: 200 properties in a post
    batch_events=20,  # one page: 20 events in a pack post; another: 200
)

_ONENET_BAN_S: Final = 300  # use_limits: too many logins are answered by a ban of 5 minutes

ONENET_THING: Final = PlatformLimits(
    connect_interval_s=5,  # mqtt-limit: 3 logins in 5 s; use_limits: 10
    rejected_interval_s=_ONENET_BAN_S,
    messages_per_s=1,  # mqtt-limit: 1 publish in a second, more is delayed
    payload_bytes=262_144,  # mqtt-limit: 256 KB, more is disconnected
    batch_values_of_one=100,  # OneJSON's history post: 100 values of a point
)

ONENET_DATASTREAM: Final = PlatformLimits(
    connect_interval_s=5,  # as ONENET_THING; the suite's own page: 10 logins in 5 s
    rejected_interval_s=_ONENET_BAN_S,
    messages_per_s=1,  # the newer platform serves these topics; the suite's page: 100 in 5 s
    payload_bytes=262_144,  # the suite's design page: 256 KB
)

ONENET_LEGACY: Final = PlatformLimits(
    connect_interval_s=5,  # no figures are published for it: those of the later platforms
    rejected_interval_s=_ONENET_BAN_S,
    messages_per_s=1,
    payload_bytes=65_538,  # $dp: one byte of type, two of length, 65,535 of JSON
    replays_s=5,  # commands of qos=1 that nobody answered come again after a login
)

HOMEASSISTANT: Final = PlatformLimits(
    connect_interval_s=2,  # a broker of one's own bans nobody; this spares a small machine
    rejected_interval_s=30,
    messages_per_s=20,
    payload_bytes=262_144,  # MQTT's own bound is 256 MB; no device's description is as large
    shows_last=True,
)

LIMITS: Final[Mapping[str, PlatformLimits]] = {
    "tencent": TENCENT,
    "aliyun": ALIYUN,
    "onenet": ONENET_THING,
    "onenet-datastream": ONENET_DATASTREAM,
    "onenet-legacy": ONENET_LEGACY,
}
"""By dialect, under the names that the emulator gives them too: it has no Home Assistant."""
