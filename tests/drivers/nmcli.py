"""A stand-in for NetworkManager's `nmcli`: profiles in a file, each call in another.

It behaves as its orders say: `hang`, `deny`, `fail-up`, `babble`, `stubborn:UUID`.
"""

import json
import os
import sys
import time
from pathlib import Path

FOLDER = Path(os.environ["FAKE_NMCLI"])
PROFILES, CALLS, ORDERS = FOLDER / "profiles.json", FOLDER / "calls", FOLDER / "orders"


def end(status, text=""):
    if text:
        sys.stderr.write(f"Error: {text}\n")
    sys.exit(status)


def keep(profiles):
    """Replace the file in one step: a test may be reading it."""
    fresh = FOLDER / "profiles.new"
    fresh.write_text(json.dumps(profiles))
    fresh.replace(PROFILES)


def deleted(profiles, kind, name, orders):
    found = [uuid for uuid, row in profiles.items() if name == (uuid if kind == "uuid" else row[0])]
    if not found:
        end(10, f"unknown connection '{name}'.")
    if f"stubborn:{found[0]}" in orders:
        end(1, "Failed to delete the connection: it is in use.")
    return {uuid: row for uuid, row in profiles.items() if uuid not in found}


def raised(profiles, name, secret, orders):
    if name not in [row[0] for row in profiles.values()]:
        end(10, f"unknown connection '{name}'.")
    if not secret.startswith("802-11-wireless-security.psk:"):
        end(4, "Secrets were required, but not provided")
    if "fail-up" in orders:
        end(4, f"Connection activation failed: no device for {secret.strip()}")
    (FOLDER / "up.new").write_text(secret)
    (FOLDER / "up.new").replace(FOLDER / "up")


def main(arguments):
    orders = ORDERS.read_text().split() if ORDERS.exists() else []
    secret = Path("/dev/stdin").read_text() if "/dev/stdin" in arguments else ""
    with CALLS.open("a") as calls:
        calls.write(json.dumps(arguments) + "\n")
    profiles = json.loads(PROFILES.read_text())
    if "hang" in orders:
        (FOLDER / "pid.new").write_text(str(os.getpid()))
        (FOLDER / "pid.new").replace(FOLDER / "pid")
        time.sleep(60)
    if "babble" in orders:
        sys.stdout.write("x" * 1_000_000)
    if "deny" in orders:
        end(1, "Not authorized to control networking.")
    match arguments:
        case ["--terse", "--fields", "UUID,TYPE", "connection", "show"]:
            sys.stdout.writelines(f"{uuid}:{row[1]}\n" for uuid, row in profiles.items())
        case ["connection", "delete", ("id" | "uuid") as kind, name]:
            keep(deleted(profiles, kind, name, orders))
        case ["connection", "add", "save", "no", "type", "wifi", *more] if "con-name" in more:
            name = more[more.index("con-name") + 1]
            profiles["00000000-0000-0000-0000-000000000000"] = [name, "802-11-wireless"]
            keep(profiles)
        case ["--wait", _, "connection", "up", "id", name, "passwd-file", "/dev/stdin"]:
            raised(profiles, name, secret, orders)
        case _:
            end(2, f"argument not understood: {arguments}")


main(sys.argv[1:])
