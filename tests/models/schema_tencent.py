"""The rules of Tencent's data template, written from the platform's documents."""

import re

NUMBER = re.compile(r"-?\d+(\.\d+)?")
ROOT = {"version", "profile", "properties", "events", "actions"}
HEAD = {"id", "name", "desc", "required"}


def violations(document):
    found = []
    check(found, set(document) == ROOT, "root")
    check(found, document.get("version") == "1.0", "version")
    profile = document["profile"]
    check(found, set(profile) == {"ProductId", "CategoryId"}, "profile")
    check(found, all(isinstance(value, str) for value in profile.values()), "profile texts")
    every = [
        row["id"] for key in ("properties", "events", "actions") for row in document.get(key, [])
    ]
    check(found, len(every) == len(set(every)), "an id stands twice")
    for row in document.get("properties", []):
        found += head_violations(row, {"mode", "define"})
        check(found, row.get("mode") in {"r", "rw"}, f"{row['id']} mode")
        found += define_violations(row.get("define"), row["id"])
    for row in document.get("events", []):
        found += head_violations(row, {"type", "params"})
        check(found, row.get("type") in {"info", "alert", "fault"}, f"{row['id']} type")
        found += list_violations(row.get("params"), row["id"])
    for row in document.get("actions", []):
        found += head_violations(row, {"input", "output"})
        for key in ("input", "output"):
            found += list_violations(row.get(key), row["id"])
    return found


def head_violations(row, keys):
    found = id_violations(row)
    check(found, set(row) == HEAD | keys, f"{row['id']} has keys {sorted(row)}")
    check(found, isinstance(row.get("required"), bool), f"{row['id']} required")
    return found


def id_violations(row):
    found = []
    check(found, re.fullmatch(r"[A-Za-z0-9_]+", row.get("id", "")), f"{row.get('id')!r} is no id")
    check(found, isinstance(row.get("name"), str) and row["name"], f"{row.get('id')} name")
    return found


def list_violations(items, where, key="define"):
    """Judge parameters, which have `define`, or members of a struct, which have `dataType`."""
    found = []
    if not isinstance(items, list):
        return [f"{where} has no list"]
    for item in items:
        found += id_violations(item)
        check(found, set(item) - {"desc"} == {"id", "name", key}, f"{where} has {sorted(item)}")
        found += define_violations(item.get(key), f"{where}.{item['id']}")
    ids = [item["id"] for item in items]
    check(found, len(ids) == len(set(ids)), f"{where} has a parameter twice")
    return found


def define_violations(define, where):
    if not isinstance(define, dict):
        return [f"{where} has no define"]
    kind = define.get("type")
    if kind == "struct":
        return list_violations(define.get("specs"), where, "dataType")
    if kind == "array":
        info = define.get("arrayInfo", {})
        fits = info.get("type") in {"int", "string", "float", "struct"}
        return define_violations(info, where) if fits else [f"{where} has {define!r}"]
    judge = DEFINES.get(kind)
    if judge is None:
        return [f"{where} has type {kind!r}"]
    return [] if judge(define) else [f"{where} has {define!r}"]


def is_number(value):
    return isinstance(value, str) and NUMBER.fullmatch(value) is not None


def fits_number(define):
    keys = ("min", "max", "start", "step")
    return (
        set(define) == {"type", *keys, "unit"}
        and all(is_number(define[key]) for key in keys)
        and float(define["min"]) < float(define["max"])
        and float(define["min"]) <= float(define["start"]) <= float(define["max"])
        and float(define["step"]) > 0
        and isinstance(define["unit"], str)
    )


def has_mapping(define, key):
    mapping = define.get("mapping")
    return (
        set(define) == {"type", "mapping"}
        and bool(mapping)
        and all(re.fullmatch(key, each) and label for each, label in mapping.items())
    )


DEFINES = {
    "bool": lambda define: has_mapping(define, "[01]") and len(define["mapping"]) == 2,
    "enum": lambda define: has_mapping(define, r"-?\d+"),
    "stringenum": lambda define: has_mapping(define, ".+"),
    "int": lambda define: (
        fits_number(define)
        and all("." not in define[key] for key in ("min", "max", "start", "step"))
    ),
    "float": fits_number,
    "string": lambda define: (
        set(define) == {"type", "min", "max"}
        and is_number(define["min"])
        and is_number(define["max"])
        and 0 <= int(define["min"]) < int(define["max"]) <= 2048
    ),
    "timestamp": lambda define: set(define) == {"type"},
}


def check(found, is_right, text):
    if not is_right:
        found.append(text)
