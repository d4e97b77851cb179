"""A person asks which device this is, or brings it into a network."""

from dataclasses import replace

from agent.devices.inputs import Identify, LinkChanged
from agent.devices.socket.themes import Showing
from tests.devices.socket.bench import LOCAL
from tests.devices.socket.pressed import bench_with, shows


def test_it_shows_itself_as_long_as_is_asked_for():
    bench = bench_with()
    bench.give(Identify(seconds=30, origin=LOCAL))
    assert shows(bench) is Showing.FIND_ME
    assert bench.device.light(bench.state, bench.now).until is not None
    bench.tick_until(bench.now + 30)
    assert shows(bench) is Showing.IDLE


def test_it_ends_when_nothing_is_asked_for():
    bench = bench_with()
    bench.give(Identify(seconds=30, origin=LOCAL))
    bench.give(Identify(seconds=0, origin=LOCAL))
    assert shows(bench) is Showing.IDLE


def test_ten_minutes_are_the_most():
    bench = bench_with()
    bench.give(Identify(seconds=1e9, origin=LOCAL))
    bench.tick_until(bench.now + 600)
    assert shows(bench) is Showing.IDLE


def test_a_cloud_that_goes_or_says_again_that_it_is_up_ends_no_provisioning():
    bench = bench_with()
    bench.give(LinkChanged(cloud="tencent", is_up=True))
    bench.state = replace(bench.state, provisioning_until=bench.now + 60)
    for is_up in (True, False):
        bench.give(LinkChanged(cloud="tencent", is_up=is_up))
        assert shows(bench) is Showing.PROVISIONING
    bench.give(LinkChanged(cloud="tencent", is_up=True))
    assert shows(bench) is Showing.IDLE
