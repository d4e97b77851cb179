"""The rules of a TSL file, written from the platform's documents and not from the writer."""

import json
import re
from collections import Counter

SCHEMAS = (
    "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json",
    "https://iot-tsl.oss-cn-shanghai.aliyuncs.com/schema.json",
)
RESERVED = {"set", "get", "post", "property", "event", "time", "value"}
BUILT_IN = {"post", "set", "get"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")
NAME = re.compile(r"[一-鿿A-Za-z0-9].{0,29}")
MAX_BYTES = 512 * 1024


def violations(document):
    found = []
    check(found, set(document) == {"schema", "profile", "properties", "events", "services"}, "root")
    check(found, document.get("schema") in SCHEMAS, "schema")
    check(found, isinstance(document["profile"].get("productKey"), str), "productKey")
    check(found, len(json.dumps(document).encode()) <= MAX_BYTES, "size")
    own = {key: rows(document, key) for key in ("properties", "events", "services")}
    every = [row["identifier"] for kind in own.values() for row in kind]
    check(found, max(Counter(every).values(), default=1) == 1, "an identifier stands twice")
    for row in own["properties"]:
        found += property_violations(row)
    for row in own["events"]:
        found += event_violations(row)
    for row in own["services"]:
        found += service_violations(row)
    return found + built_in_violations(document)


def rows(document, key):
    return [row for row in document.get(key, []) if key == "properties" or not is_built_in(row)]


def is_built_in(row):
    return row["identifier"] in BUILT_IN


def property_violations(row):
    found = head_violations(row, {"accessMode", "dataType"})
    check(found, row.get("accessMode") in {"r", "rw"}, f"{row['identifier']} accessMode")
    return found + type_violations(row.get("dataType"), row["identifier"])


def event_violations(row):
    found = head_violations(row, {"type", "method", "outputData"})
    identifier = row["identifier"]
    check(found, row.get("type") in {"info", "alert", "error"}, f"{identifier} type")
    check(found, row.get("method") == f"thing.event.{identifier}.post", f"{identifier} method")
    return found + list_violations(row.get("outputData"), identifier)


def service_violations(row):
    found = head_violations(row, {"callType", "method", "inputData", "outputData"})
    identifier = row["identifier"]
    check(found, row.get("callType") in {"async", "sync"}, f"{identifier} callType")
    check(found, row.get("method") == f"thing.service.{identifier}", f"{identifier} method")
    for key in ("inputData", "outputData"):
        found += list_violations(row.get(key), identifier)
    return found


def head_violations(row, keys):
    found = identifier_violations(row)
    identifier = row["identifier"]
    check(found, keys <= set(row) <= keys | HEAD, f"{identifier} has keys {sorted(row)}")
    check(found, isinstance(row.get("required"), bool), f"{identifier} required")
    return found


HEAD = {"identifier", "name", "required", "desc"}


def identifier_violations(row):
    found = []
    identifier = row.get("identifier", "")
    fits = re.fullmatch(r"[A-Za-z0-9_]{1,50}", identifier) and identifier not in RESERVED
    check(found, fits, f"{identifier!r} is no identifier")
    check(found, NAME.fullmatch(row.get("name", "")), f"{identifier} name {row.get('name')!r}")
    return found


def list_violations(items, where):
    """Judge parameters or members: an identifier, a name and a type, and nothing else."""
    found = []
    if not isinstance(items, list):
        return [f"{where} has no list"]
    names = [item["identifier"] for item in items]
    check(found, len(set(names)) == len(names), f"{where} has a parameter twice")
    for item in items:
        check(found, set(item) == {"identifier", "name", "dataType"}, f"{where} has {sorted(item)}")
        found += identifier_violations(item)
        found += type_violations(item.get("dataType"), f"{where}.{item['identifier']}")
    return found


def type_violations(data_type, where, *, is_inside=False):
    if not isinstance(data_type, dict) or set(data_type) != {"type", "specs"}:
        return [f"{where} has no dataType of type and specs"]
    kind, specs = data_type["type"], data_type["specs"]
    if kind == "struct" and not is_inside:
        found = list_violations(specs, where)
        inner = [item["dataType"]["type"] for item in specs]
        check(found, not {"struct", "array"} & set(inner), f"{where} nests")
        return found
    if kind == "array" and not is_inside:
        return array_violations(specs, where)
    judge = SPECS.get(kind)
    if judge is None:
        return [f"{where} has type {kind!r}"]
    return [] if isinstance(specs, dict) and judge(specs) else [f"{where} has specs {specs!r}"]


def array_violations(specs, where):
    item = specs.get("item", {})
    if item.get("type") == "struct":
        return list_violations(item.get("specs"), where)
    fits = item.get("type") in {"int", "float", "double", "text"} and is_number(specs.get("size"))
    return [] if fits else [f"{where} has specs {specs!r}"]


def is_number(value):
    return isinstance(value, str) and NUMBER.fullmatch(value) is not None


def fits_number(specs):
    bounds = [specs.get(key) for key in ("min", "max", "step")]
    units = {"unit", "unitName"} & set(specs)
    return (
        set(specs) <= {"min", "max", "step", "unit", "unitName"}
        and all(is_number(value) for value in bounds)
        and float(specs["min"]) < float(specs["max"])
        and float(specs["step"]) > 0
        and units in (set(), {"unit", "unitName"})
        and all(isinstance(specs[key], str) and specs[key] for key in units)
    )


def fits_int(specs):
    return (
        fits_number(specs)
        and all("." not in specs[key] for key in ("min", "max", "step"))
        and int(specs["min"]) >= -(2**31)
        and int(specs["max"]) < 2**31
    )


def has_labels(specs):
    return all(isinstance(label, str) and label for label in specs.values())


SPECS = {
    "int": fits_int,
    "float": fits_number,
    "double": fits_number,
    "bool": lambda specs: set(specs) == {"0", "1"} and has_labels(specs),
    "enum": lambda specs: (
        bool(specs) and all(re.fullmatch(r"-?\d+", key) for key in specs) and has_labels(specs)
    ),
    "text": lambda specs: (
        set(specs) == {"length"}
        and is_number(specs["length"])
        and 0 < int(specs["length"]) <= 10_240
    ),
    "date": lambda specs: specs == {},
}


def built_in_violations(document):
    found = []
    properties = document["properties"]
    values = [{key: row[key] for key in ("identifier", "name", "dataType")} for row in properties]
    writable = {row["identifier"] for row in properties if row["accessMode"] == "rw"}
    settable = [value for value in values if value["identifier"] in writable]
    head = {"required": True, "callType": "async"}
    expected = {
        "events": [
            {
                "identifier": "post",
                "name": "post",
                "type": "info",
                "required": True,
                "desc": "属性上报",
                "method": "thing.event.property.post",
                "outputData": values,
            }
        ],
        "services": [
            {
                **head,
                "identifier": "set",
                "name": "set",
                "desc": "属性设置",
                "method": "thing.service.property.set",
                "inputData": settable,
                "outputData": [],
            },
            {
                **head,
                "identifier": "get",
                "name": "get",
                "desc": "属性获取",
                "method": "thing.service.property.get",
                "inputData": [row["identifier"] for row in properties],
                "outputData": values,
            },
        ],
    }
    for key, wanted in expected.items():
        there = [row for row in document.get(key, []) if is_built_in(row)]
        check(found, there == wanted, f"the built-in {key}")
    return found


def check(found, is_right, text):
    if not is_right:
        found.append(text)
