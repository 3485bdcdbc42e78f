"""Reports for CI servers: what those programs demand of them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from tracer.regression.changes import Change, Comparison, Place, What
from tracer.regression.findings import Report, report_of_comparison
from tracer.regression.formats import FORMATS

NASTY = "shop:f.<locals>.<lambda>%,:\r\n\x00\x1b[31m|`<b>`"


@pytest.fixture
def report() -> Report:
    changes = [
        Change(
            What.REMOVED,
            "-",
            "shop:order",
            "shop:find",
            "call",
            now=Place("shop.py", 3),
            was=Place("shop.py", 4),
        ),
        Change(What.ADDED, "api", "shop:order", NASTY, "rpc-cast", now=Place("a b/ü.py", 0)),
        Change(What.RENAMED, "-", "shop:sell", "shop:order"),
        Change(What.ORDER, "-", "shop:sell", "", "", "a before b", "b before a"),
        Change(What.ADDED, "-", "shop:new", "shop:find", "call", follows=True),
    ]
    return report_of_comparison(Comparison("old", "new", changes, ["a note\nof two lines"], ["x -> y"]))


def test_sarif_fits_its_schema(report: Report) -> None:
    told = FORMATS["sarif"](report)
    log = SarifLog.model_validate_json(told)
    results = json.loads(told)["runs"][0]["results"]
    assert len(results) == len(report.findings) == 5
    assert str(log.version.value) == "2.1.0"
    rules = {rule["id"] for rule in json.loads(told)["runs"][0]["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in results} <= rules
    uris = [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in results
        for place in result.get("locations", [])
        if "physicalLocation" in place
    ]
    assert sorted(uris) == ["a%20b/%C3%BC.py", "shop.py"]


def test_fingerprints_outlast_shifts_and_tell_findings_apart() -> None:
    def fingerprints(line: int) -> list[str]:
        changes = [
            Change(What.REMOVED, "-", "shop:order", callee, "call", now=Place("shop.py", line))
            for callee in ("shop:find", "shop:pack")
        ]
        told = json.loads(FORMATS["sarif"](report_of_comparison(Comparison("old", "new", changes))))
        return [
            result["partialFingerprints"]["stackwalkCallFlow/v1"] for result in told["runs"][0]["results"]
        ]

    assert fingerprints(3) == fingerprints(300)
    assert len(set(fingerprints(3))) == 2


def test_junit_has_the_form_that_servers_read(report: Report) -> None:
    suite = ElementTree.fromstring(FORMATS["junit"](report))
    assert suite.tag == "testsuite"
    assert {"name", "tests", "failures", "errors", "time"} <= set(suite.attrib)
    cases = list(suite)
    assert all(case.tag == "testcase" and {"name", "classname"} <= set(case.attrib) for case in cases)
    assert [child.tag for case in cases for child in case] == ["failure"] * 5
    assert (suite.get("tests"), suite.get("failures")) == ("5", "5")
    nothing = ElementTree.fromstring(FORMATS["junit"](Report("x", [], passed=["all is well"])))
    assert (nothing.get("tests"), nothing.get("failures"), [len(case) for case in nothing]) == ("1", "0", [0])


COMMAND = re.compile(
    r"::(error|notice)( (file|line|title)=[^:,\r\n]*(,(file|line|title)=[^:,\r\n]*)*)?::[^\r\n]*"
)


def test_annotations_are_workflow_commands(report: Report) -> None:
    lines = FORMATS["github"](report).split("\n")
    assert lines.pop() == ""
    assert len(lines) == 7
    assert all(COMMAND.fullmatch(line) for line in lines)
    assert "::error file=shop.py,line=3,title=" in lines[0] + lines[1] + lines[2]
    assert not any(re.search(r"%(?!25|0A|0D|3A|2C)", line) for line in lines)


def test_markdown_and_text_say_everything_once(report: Report) -> None:
    for form in ("markdown", "text"):
        told = FORMATS[form](report)
        for word in ("no longer calls", "shop:sell", "a before b", "follow from these", "a note"):
            assert word in told
    assert "<b>" not in FORMATS["markdown"](report)
    assert "Nothing changed" not in FORMATS["markdown"](report)
    assert "nothing changed" in FORMATS["markdown"](Report("x", []))


def test_json_has_all_fields(report: Report) -> None:
    told = json.loads(FORMATS["json"](report))
    assert (told["format"], told["version"], len(told["findings"])) == ("stackwalk check", 1, 5)
    assert told["findings"][0].keys() >= {"rule", "message", "fingerprint", "group"}


def test_the_page_holds_what_was_found(report: Report, tmp_path: Path) -> None:
    from reports.comparison.page import comparison_page

    page = comparison_page(report, None)
    assert "shop:order no longer calls shop:find" in page
    assert "<b>" not in page
