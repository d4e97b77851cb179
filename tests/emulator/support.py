"""The emulator's core in memory and virtual time."""

import base64
import hashlib
import hmac
import json

from agent.emulator.broker import Broker
from agent.emulator.faults import Faults, read_fault
from agent.emulator.journal import Journal
from agent.emulator.makers import MODELS
from agent.emulator.platform import Platform
from agent.emulator.tencent.platform import TencentPlatform, register
from agent.emulator.tencent.rules import TencentRules
from agent.emulator.tencent.template import read_template
from agent.emulator.values import Close, DeviceKey, Instant, Noted, Send
from tests.emulator import probe

PRODUCT, NAME = "CS0SLTKSYA", "dev1"
CLIENT_ID = PRODUCT + NAME
SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="
DEVICE = DeviceKey(cloud="tencent", product=PRODUCT, name=NAME)
UP = f"$thing/up/property/{PRODUCT}/{NAME}"
DOWN = f"$thing/down/property/{PRODUCT}/{NAME}"
WALL = 1_700_000_000.0
SOCKET = read_template((MODELS / "tencent-socket.json").read_bytes())


def login(  # noqa: PLR0913 - one parameter a field of the packet
    *,
    client_id: str = CLIENT_ID,
    name: str | None = None,
    sdkappid: str = "12010126",
    connid: str = "ZR5GT",
    expiry: object = 2_147_483_647,
    method: str = "hmacsha256",
    secret: str = SECRET,
    **fields,
) -> dict:
    """Compose what a device logs in with, as the platform's documents say."""
    username = f"{client_id if name is None else name};{sdkappid};{connid};{expiry}"
    digest = {"hmacsha256": hashlib.sha256, "hmacsha1": hashlib.sha1}[method]
    token = hmac.new(base64.b64decode(secret), username.encode(), digest).hexdigest()
    return {
        "client_id": client_id,
        "username": username,
        "password": f"{token};{method}",
        **fields,
    }


def make_tencent(rules: TencentRules | None = None) -> TencentPlatform:
    devices = [
        register(PRODUCT, NAME, SECRET, SOCKET),
        register(PRODUCT, "dev2", SECRET, SOCKET),
    ]
    return TencentPlatform(devices, nonce="test", rules=rules)


class Core:
    """A broker whose clock only moves when it is told to."""

    def __init__(self, platform: Platform) -> None:
        self.faults = Faults()
        self.journal = Journal()
        self.platform = platform
        self.broker = Broker(platform, faults=self.faults, journal=self.journal)
        self.now = 1000.0
        self.heard: dict[int, bytearray] = {}
        self.closed: set[int] = set()
        self.answers: list = []
        self.notes: list[Noted] = []

    @property
    def at(self) -> Instant:
        return Instant(self.now, WALL + self.now - 1000.0)

    def open(self, number: int) -> None:
        self.heard[number] = bytearray()
        self._perform(self.broker.open(number, self.at))

    def say(self, number: int, *packets: bytes) -> list[tuple[int, bytes]]:
        """Send packets and return what the connection was told since it last asked."""
        self._perform(self.broker.receive(number, b"".join(packets), self.at))
        return self.hear(number)

    def hear(self, number: int) -> list[tuple[int, bytes]]:
        heard = probe.split_packets(bytes(self.heard[number]))
        self.heard[number].clear()
        return heard

    def connect(self, number: int, **fields) -> list[tuple[int, bytes]]:
        self.open(number)
        return self.say(number, probe.connect(**fields))

    def lose(self, number: int) -> None:
        self._perform(self.broker.lost(number, self.at))

    def wait(self, seconds: float) -> None:
        """Let time pass, stopping wherever something falls due."""
        end = self.now + seconds
        while (due := self.broker.next_due) is not None and due <= end:
            self.now = max(self.now, due)
            self._perform(self.broker.tick(self.at))
        self.now = end

    def publish(self, publication) -> bool:
        was_sent, actions = self.broker.publish(publication, self.at)
        self._perform(actions)
        return was_sent

    def fault(self, **fields) -> int:
        fault = read_fault(fields, self.now)
        if fault.is_lasting:
            self.faults.add(fault, self.now)
        struck, actions = self.broker.strike(fault, self.at)
        self._perform(actions)
        return struck

    def ask(self, number: int, topic: str, document: object) -> dict:
        """Publish JSON and return the one reply's JSON."""
        payload = document if isinstance(document, bytes) else json.dumps(document).encode()
        (packet,) = self.say(number, probe.publish(topic, payload))
        return json.loads(probe.read_message(*packet).payload)

    def _perform(self, actions) -> None:
        for action in actions:
            match action:
                case Send(connection=number, data=data):
                    assert number not in self.closed
                    self.heard[number] += data
                case Close(connection=number):
                    self.closed.add(number)
                case Noted():
                    self.notes.append(action)
                case _:
                    self.answers.append(action)


def make_device(rules: TencentRules | None = None, **fields) -> Core:
    """A core with dev1 online as connection 1, subscribed to everything it needs."""
    core = Core(make_tencent(rules))
    assert core.connect(1, **login(**fields)) == [(0x20, b"\x00\x00")]
    for channel in ("property", "event", "action", "service"):
        topic = f"$thing/down/{channel}/{PRODUCT}/{NAME}"
        assert core.say(1, probe.subscribe((topic, 1))) == [(0x90, b"\x00\x01\x01")]
    return core
