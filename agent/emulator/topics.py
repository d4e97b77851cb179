"""Topic names and topic filters (MQTT 3.1.1 §4.7)."""


def is_topic(topic: str) -> bool:
    """Tell whether *topic* may be published to."""
    return bool(topic) and "+" not in topic and "#" not in topic


def is_filter(topic_filter: str) -> bool:
    """Tell whether *topic_filter* may be subscribed to."""
    if not topic_filter:
        return False
    levels = topic_filter.split("/")
    return all(
        (level == "+" or "+" not in level)
        and ("#" not in level or (level == "#" and index == len(levels) - 1))
        for index, level in enumerate(levels)
    )


def has_wildcard(topic_filter: str) -> bool:
    """Tell whether *topic_filter* can match more than one topic."""
    return "+" in topic_filter or "#" in topic_filter


def matches(topic_filter: str, topic: str) -> bool:
    """Tell whether *topic_filter* takes *topic*; a first wildcard never takes a `$` topic."""
    if topic.startswith("$") and topic_filter[:1] in {"+", "#"}:
        return False
    return covers(topic_filter, topic)


def covers(pattern: str, topic_filter: str) -> bool:
    """Tell whether everything that *topic_filter* may match lies within *pattern*."""
    wanted, levels = pattern.split("/"), topic_filter.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(levels):
            return False
        found = levels[index]
        if found == "#" or (level not in ("+", found)):
            return False
    return len(levels) == len(wanted)
