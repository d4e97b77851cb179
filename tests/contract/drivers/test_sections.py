"""The rule of a plug-in's section finds each way in which one does not fit."""

from typing import Literal

import pytest
from pydantic import BaseModel

from agent.conformance.drivers.subject import DriverSubject, examined, rules_of
from agent.conformance.sections import cloud_section, driver_section, first_fault
from agent.settings.clouds import CloudSettings, TencentSettings
from agent.settings.section import Section
from tests.contract.drivers.memory import Contact, Relay, stand
from tests.contract.subjects import subject

GIVEN = {"driver": "acme"}


class Settings(Section):
    driver: Literal["acme"]


class Nameless(Section):
    pass


class Loose(BaseModel):
    driver: str


def factory_of(model, made=None):
    def factory(*_):
        if isinstance(made, Exception):
            raise made
        return made

    factory.Settings = model
    return factory


class Opens:
    def open(self):
        """Open nothing."""


@pytest.mark.parametrize(
    ("factory", "says"),
    [
        (lambda *_: None, "its Settings is None, no pydantic model"),
        (factory_of("text"), "its Settings is 'text', no pydantic model"),
        (factory_of(Nameless), "no key 'driver'"),
        (factory_of(Nameless), "refuses its own section: driver: Extra inputs"),
        (factory_of(Loose, Opens()), "write extra='forbid'"),
        (factory_of(Loose, Opens()), "write frozen=True"),
        (factory_of(Settings, ValueError("odd")), "the factory raised ValueError('odd')"),
        (factory_of(Settings, 7), "the factory makes 7, which is no relay: it has no open()"),
    ],
)
def test_a_section_that_does_not_fit_is_found(factory, says):
    found = list(driver_section(factory, GIVEN, "relay"))
    assert any(says in what for what in found)


def test_a_section_that_fits_is_fine():
    assert list(driver_section(factory_of(Settings, Opens()), GIVEN, "relay")) == []


def test_an_error_that_is_none_of_a_section_is_shown():
    assert first_fault(KeyError("x")) == "KeyError('x')"


class Misnamed(CloudSettings):
    device_secret: str = ""


def of_cloud(factory, settings=None):
    ours = subject("tencent")
    made = type(ours)(
        title="t",
        factory=factory,
        settings=settings or ours.settings,
        thing=ours.thing,
        platform=ours.platform,
    )
    return list(cloud_section(made))


def test_a_clouds_section_is_examined_too():
    assert of_cloud(factory_of(TencentSettings)) == []
    assert "no CloudSettings" in of_cloud(factory_of(Settings))[0]
    assert of_cloud(factory_of(Misnamed))[0] == "the settings that are examined are no Misnamed"
    named = of_cloud(factory_of(Misnamed), Misnamed())
    assert named == ["IDENTITY names product_id, device_name, which the section does not have"]


async def test_a_plug_in_is_examined_by_its_section_first():
    made = DriverSubject(
        title="acme",
        role="relay",
        stand=stand(Contact, Relay),
        factory=factory_of(Settings, Opens()),
        section=GIVEN,
        patience_s=1.0,
    )
    names = [each.rule async for each in examined(made)]
    assert names == list(rules_of(made))
    assert names[0] == "plug-in-section"
