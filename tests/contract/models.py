"""The models of the emulated consoles, less what a console's owner forgot."""

import json
from pathlib import Path
from typing import Any

from agent.emulator.makers import MODELS
from tests.contract.dialects import Speaker

FILES = {
    "tencent": "tencent-socket.json",
    "aliyun": "aliyun-socket.json",
    "onenet": "onenet-socket.json",
}


def model_without(speaker: Speaker, folder: Path, *names: str) -> dict[str, Any]:
    """Make the options of an emulator whose product lacks these properties."""
    model = json.loads((MODELS / FILES[speaker.cloud]).read_text(encoding="utf-8"))
    lacking = {speaker.wire_id(name) for name in names}
    rows = model["properties"]
    model["properties"] = [
        row for row in rows if row.get("id", row.get("identifier")) not in lacking
    ]
    assert len(model["properties"]) == len(rows) - len(names)
    path = folder / f"{speaker.cloud}.json"
    path.write_text(json.dumps(model), encoding="utf-8")
    return {"models": {speaker.device.product: path}}
