"""Sunrise and sunset of a day at a place."""

from datetime import date, tzinfo

from agent.automation.schedules.schedule import Place, SunEvent


def sun_at(event: SunEvent, day: date, zone: tzinfo, place: Place) -> int | None:
    """Tell the Unix second of a local day's sunrise or sunset; None: that day has none."""
    from astral import Observer  # noqa: PLC0415 - costs a start its time; few schedules need it
    from astral.sun import sunrise, sunset  # noqa: PLC0415

    observer = Observer(latitude=place.latitude, longitude=place.longitude)
    find = sunrise if event == "sunrise" else sunset
    try:
        return round(find(observer, day, zone).timestamp())
    except ValueError:  # the sun stays up, or down
        return None
