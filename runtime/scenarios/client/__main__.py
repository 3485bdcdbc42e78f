"""Runs one scenario as ordered on standard input and reports what happens on standard output."""

from __future__ import annotations

import json
import sys
from typing import Any

from runtime.scenarios.client import scenes
from runtime.scenarios.client.api import Api, ScenarioFailed


def report(event: str, **facts: Any) -> None:
    """Tell whoever started this process what happened."""
    print(json.dumps({"event": event, **facts}), flush=True)


def main() -> int:
    """Do what standard input says; the exit code is 1 when the scenario failed."""
    order = json.load(sys.stdin)
    try:
        api = Api(order["auth"], order["endpoints"])
        scenes.SCENES[order["scene"]](api, order, report)
    except ScenarioFailed as failure:
        report("failed", message=failure.message, details=failure.details, server=failure.server)
        return 1
    report("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
