"""Aliyun's thing model as a section of the settings has it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol, cast

from agent.clouds.aliyun.names import COUNT_DOWN, COUNT_DOWN_LIST, DIALECT, TIMERS
from agent.models.aliyun_sum import with_sum
from agent.models.aliyun_timers import TARGETS, saying
from agent.models.form import Model


class Keys(Protocol):
    """The keys of the section upon which the model depends."""

    @property
    def rename(self) -> Mapping[str, str]: ...  # noqa: D102 - as in the section
    @property
    def unit_power_consumption(self) -> bool: ...  # noqa: D102 - as in the section
    @property
    def countdown(self) -> str: ...  # noqa: D102 - as in the section
    @property
    def timer_action(self) -> str: ...  # noqa: D102 - as in the section


_NOT_TOLD: Final = {"struct": COUNT_DOWN_LIST, "list": COUNT_DOWN}


def configured(model: Model, section: object) -> Model:
    """Have what the device tells and takes with *section*, and nothing beside it."""
    keys = cast("Keys", section)
    absent = _NOT_TOLD.get(keys.countdown, "")
    rows = (row for row in model.features if row.name != absent)
    targets = keys.rename.get(TARGETS, DIALECT.default_id(TARGETS))
    features = tuple(
        saying(row, keys.timer_action, targets) if row.name == TIMERS else row for row in rows
    )
    told = replace(model, features=features)
    return with_sum(told) if keys.unit_power_consumption else told
