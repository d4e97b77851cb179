"""The energy that Aliyun sums, in the thing model of a product whose devices tell it."""

from dataclasses import replace
from typing import Final

from agent.clouds.aliyun.names import SUM, SUM_ID
from agent.models.form import Feature, FeatureKind, Model, Spec, Title, ValueType

SUM_MAX_KWH: Final = 1000.0


def with_sum(model: Model) -> Model:
    """Add the energy that the platform sums, which a device tells only where it is asked to."""
    spec = Spec(type=ValueType.FLOAT, minimum=0, maximum=SUM_MAX_KWH, step=0.001, unit="kWh")
    row = Feature(
        kind=FeatureKind.PROPERTY,
        name=SUM,
        identifier=SUM_ID,
        title=Title(zh="单位耗电量", en="Energy since the last report"),
        spec=spec,
        is_writable=False,
    )
    return replace(model, features=(*model.features, row))
