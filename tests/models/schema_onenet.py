"""The rules of OneNET's thing model file, written from the platform's documents."""

import re

NUMBER = re.compile(r"-?\d+(\.\d+)?")
UNIT = re.compile(r"\S+ / \S+")
INTS = {"int32": 31, "int64": 63}
ELEMENTS = {"int32", "int64", "float", "double", "string", "date", "struct"}
HEAD = {"identifier", "name", "functionType", "desc", "functionMode", "required"}


def violations(document):
    found = []
    root = {"version", "profile", "properties", "events", "services", "combs"}
    check(found, set(document) == root, "root")
    check(found, document.get("version") == "1.0", "version")
    check(found, document.get("combs") == [], "combs")
    profile = {"industryId", "sceneId", "categoryId", "productId"}
    check(found, set(document["profile"]) == profile, "profile")
    check(found, all(isinstance(v, str) for v in document["profile"].values()), "profile texts")
    every = [row for key in ("properties", "events", "services") for row in document.get(key, [])]
    names = [row["identifier"] for row in every]
    check(found, len(names) == len(set(names)), "an identifier stands twice")
    for row in document.get("properties", []):
        found += property_violations(row)
    for row in document.get("events", []):
        found += event_violations(row)
    for row in document.get("services", []):
        found += service_violations(row)
    return found


def property_violations(row):
    found = head_violations(row, {"accessMode", "dataType"}, "property")
    check(found, row.get("accessMode") in {"r", "rw"}, f"{row['identifier']} accessMode")
    return found + type_violations(row.get("dataType"), row["identifier"])


def event_violations(row):
    found = head_violations(row, {"eventType", "outputData"}, "event")
    check(found, row.get("eventType") in {"info", "alert", "error"}, f"{row['identifier']} type")
    return found + list_violations(row.get("outputData"), row["identifier"])


def service_violations(row):
    found = head_violations(row, {"callType", "input", "output"}, "service")
    check(found, row.get("callType") in {"sync", "async"}, f"{row['identifier']} callType")
    for key in ("input", "output"):
        found += list_violations(row.get(key), row["identifier"])
    return found


def head_violations(row, keys, mode):
    found = []
    identifier = row["identifier"]
    check(found, set(row) == HEAD | keys, f"{identifier} has keys {sorted(row)}")
    check(found, row.get("functionMode") == mode, f"{identifier} functionMode")
    check(found, row.get("functionType") == "u", f"{identifier} functionType")
    check(found, row.get("required") is False, f"{identifier} required")
    check(found, row.get("name"), f"{identifier} name")
    check(found, not identifier.startswith("$"), f"{identifier} is the platform's")
    return found


def list_violations(items, where):
    found = []
    if not isinstance(items, list):
        return [f"{where} has no list"]
    for item in items:
        check(found, set(item) == {"identifier", "name", "dataType"}, f"{where} has {sorted(item)}")
        found += type_violations(item.get("dataType"), f"{where}.{item['identifier']}")
    names = [item["identifier"] for item in items]
    check(found, len(names) == len(set(names)), f"{where} has a parameter twice")
    return found


def type_violations(data_type, where):
    if not isinstance(data_type, dict) or set(data_type) != {"type", "specs"}:
        return [f"{where} has no dataType of type and specs"]
    kind, specs = data_type["type"], data_type["specs"]
    if kind == "struct":
        found = list_violations(specs, where)
        inner = {item["dataType"]["type"] for item in specs}
        check(found, not inner & {"struct", "array"}, f"{where} nests")
        return found
    judge = SPECS.get(kind)
    if judge is None:
        return [f"{where} has type {kind!r}"]
    return [] if judge(specs) else [f"{where} has specs {specs!r}"]


def fits_number(specs):
    texts = [specs.get(key) for key in ("min", "max", "step")]
    return (
        set(specs) == {"min", "max", "step", "unit"}
        and all(isinstance(text, str) for text in specs.values())
        and all(text == "" or NUMBER.fullmatch(text) for text in texts)
        and ("" in texts or float(specs["min"]) < float(specs["max"]))
        and (specs["unit"] == "" or UNIT.fullmatch(specs["unit"]) is not None)
    )


def fits_whole(bits):
    def judge(specs):
        texts = [specs.get(key, "") for key in ("min", "max", "step")]
        return fits_number(specs) and all(
            text == "" or ("." not in text and abs(int(text)) <= 2**bits) for text in texts
        )

    return judge


def has_labels(specs):
    return all(isinstance(label, str) and label for label in specs.values())


SPECS = {
    **{kind: fits_whole(bits) for kind, bits in INTS.items()},
    "float": fits_number,
    "double": fits_number,
    "string": lambda specs: (
        set(specs) == {"length"} and type(specs["length"]) is int and specs["length"] > 0
    ),
    "bool": lambda specs: set(specs) == {"true", "false"} and has_labels(specs),
    "enum": lambda specs: bool(specs) and all(key.isdigit() for key in specs) and has_labels(specs),
    "date": lambda specs: specs == {},
    "bitMap": lambda specs: 0 < specs["length"] <= 32 and len(specs["define"]) <= specs["length"],
    "array": lambda specs: type(specs["length"]) is int and specs["type"] in ELEMENTS,
}


def check(found, is_right, text):
    if not is_right:
        found.append(text)
