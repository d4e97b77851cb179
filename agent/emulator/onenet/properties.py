"""property/post: values of the model, taken all or none."""

from agent.emulator.onenet.dialogue import Context, Point, demand_object, kind_of, read_point
from agent.emulator.values import Json


def post(context: Context, params: Json) -> None:
    """Take a post; raise UplinkError."""
    keep(context, read(context, params))


def read(context: Context, params: Json) -> dict[str, Point]:
    """Read wrapped values by identifier; raise UplinkError."""
    kinds, codes = context.twin.model.kinds, context.codes
    return {
        name: read_point(name, given, kind_of(name, kinds, codes), codes)
        for name, given in demand_object(params, "params").items()
    }


def keep(context: Context, points: dict[str, Point]) -> None:
    """Take values as those of now, unless newer ones are shown."""
    twin, arrived = context.twin, context.at.wall_time
    for name, point in points.items():
        if twin.moments.replaces(name, point.time_ms, arrived):
            twin.reported[name] = point.value
    twin.reported_at = arrived
