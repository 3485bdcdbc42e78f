"""A report in SARIF 2.1.0 (OASIS standard), which code hosts show beside the code."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import msgspec

from tracer.regression.findings import CONTRACT_RULE, RULES, Finding, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_FINGERPRINT = "stackwalkCallFlow/v1"


def sarif(report: Report) -> str:
    """One result for each finding; fingerprints hold no lines, so that they outlast shifts."""
    rules = [*RULES.values(), CONTRACT_RULE]
    told = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "stackwalk",
                        "version": _version(),
                        "rules": [
                            {"id": name, "shortDescription": {"text": f"{title}."}} for name, title in rules
                        ],
                    }
                },
                "results": [_result(one) for one in report.findings],
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


def _result(finding: Finding) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": "note" if finding.follows else "error",
        "message": {"text": "\n".join((f"{finding.message}.", *finding.more))},
        "partialFingerprints": {_FINGERPRINT: finding.fingerprint},
    }
    location: dict[str, Any] = {}
    if finding.place is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(finding.place.file)},
            "region": {"startLine": max(finding.place.line, 1)},
        }
    if finding.function:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.function, "kind": "function"}]
    if location:
        result["locations"] = [location]
    return result


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _version() -> str:
    try:
        return version("stackwalk")
    except PackageNotFoundError:
        return "0"
