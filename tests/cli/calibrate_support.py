"""A device behind the real server that can be calibrated, and its answers."""

from agent.errors import ControlError

SETTLED = {
    "device": "socket-1",
    "relay_on": True,
    "registers": {
        "voltage": {"measurements": 20, "needed": 20, "mean": 225.5, "spread_percent": 0.1},
        "current": {"measurements": 20, "needed": 20, "mean": 3.992, "spread_percent": 0.0},
        "power": {"measurements": 20, "needed": 20, "mean": 882.4, "spread_percent": 0.2},
    },
    "power_factor": 0.98,
    "needs_all_references": False,
    "waiting_for": [],
    "unfit": [],
    "is_settled": True,
}


OLD = {"factors": {"voltage": 1.0}, "kv": 3.069, "ki": 1.007, "kp": 3.108}


NEW = {"factors": {"voltage": 1.02}, "kv": 3.1302, "ki": 1.007, "kp": 3.108}


LISTED = {
    "device": "socket-1",
    "configured": OLD,
    "in_force": NEW,
    "calibrations": [
        {
            "factors": {"voltage": 1.02, "current": 1.0, "power": 1.0},
            "at": 1.8e9,
            "by": "maker",
            "is_undo": False,
            "made_from": {"measured_voltage": 225.5, "reference_voltage": 230.0},
        },
        {"factors": {"voltage": 1.0}, "at": None, "by": "maker", "is_undo": True, "made_from": {}},
    ],
}


class Socket:
    """A device behind the real server, whose measurements settle at once."""

    def __init__(self):
        self.asked = []
        self.is_on = True
        self.progress = SETTLED
        self.refusal = ""

    def methods(self):
        names = ("begin", "read", "end", "undo", "list")
        table = {f"calibration_{name}": self.method(f"calibration_{name}") for name in names}
        return {**table, "calibrate": self.method("calibrate"), "set": self.method("set")}

    def method(self, name):
        def answer(origin, params):
            del origin
            self.asked.append((name, dict(params)))
            return getattr(self, name, self.measured)(params)

        return answer

    def names(self):
        return [name for name, _ in self.asked]

    def measured(self, params):
        del params
        return {**self.progress, "relay_on": self.is_on}

    def set(self, params):
        self.is_on = params["values"]["power_switch"]
        return {}

    def calibrate(self, params):
        if self.refusal:
            reason, self.refusal = self.refusal, ""
            raise ControlError(reason)
        row = {"measured": 225.5, "reference": params["voltage_v"], "change_percent": 2.0}
        return {
            "device": "socket-1",
            "applied": not params.get("preview", False),
            "registers": {"voltage": row},
            "notes": ["a note"],
            "old": OLD,
            "new": NEW,
        }

    def calibration_undo(self, params):
        del params
        return {"device": "socket-1", "applied": True, "old": NEW, "new": OLD}

    def calibration_list(self, params):
        del params
        return LISTED
