"""The topics of one device."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.errors import SettingError

MAX_BYTES: Final = 128
MAX_SLASHES: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Where a device speaks and listens."""

    product_key: str
    device_name: str

    @property
    def own(self) -> str:
        """Product and device, as they stand in every topic."""
        return f"{self.product_key}/{self.device_name}"

    def thing(self, path: str) -> str:
        """Name a topic of the thing model."""
        return f"/sys/{self.own}/thing/{path}"

    def call(self, path: str) -> str:
        """Name where a synchronous call comes (`request/…`) and is answered (`response/…`)."""
        return f"/sys/{self.own}/rrpc/{path}"

    def clock(self, path: str) -> str:
        """Name the topic of the platform's clock."""
        return f"/ext/ntp/{self.own}/{path}"

    @property
    def essential(self) -> Sequence[str]:
        """List the filters without which nothing can be set, and no report is known to be there."""
        return (
            self.thing("service/property/set"),
            self.thing("event/+/post_reply"),
            self.thing("property/desired/get_reply"),
        )

    @property
    def others(self) -> Sequence[str]:
        """List the filters of all else that the platform says to a device."""
        return (
            self.thing("service/property/get"),
            self.thing("service/+"),
            self.thing("deviceinfo/update_reply"),
            self.thing("disable"),
            self.thing("enable"),
            self.thing("delete"),
            self.call("request/+"),
            self.clock("response"),
        )

    def reply_to(self, path: str) -> str:
        """Name where the reply to a post of several values comes, one level below the others."""
        return self.thing(f"{path}_reply")

    @property
    def extended_calls(self) -> str:
        """Give the filter of synchronous calls where the client id asks for them by topic.

        It has more levels than a topic may, so that nobody else should ask to have it.
        """
        return f"/ext/rrpc/+/sys/{self.own}/thing/service/+"

    def check_custom(self, topics: Iterable[str]) -> None:
        """Refuse a topic that this device may not subscribe to; raise `ConfigError`."""
        for topic in topics:
            is_own = topic.startswith(f"/{self.own}/") and len(topic) > len(self.own) + 2
            is_short = len(topic.encode()) <= MAX_BYTES and topic.count("/") <= MAX_SLASHES
            if not is_own or not is_short or set(topic) & set("+#\0"):
                raise SettingError(
                    "clouds.aliyun.custom_topics",
                    found=f"{topic[:MAX_BYTES]!r}",
                    allowed=f"topics of this device, such as '/{self.own}/user/get', without '+'"
                    f" and '#', at most {MAX_BYTES} bytes and {MAX_SLASHES} slashes",
                )
