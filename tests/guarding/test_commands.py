"""The commands that guard a call flow, as people and CI servers call them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import stackwalk
from tests.regression.flows import SHOP, request, written
from tracer.model.recording_folder import write_recording
from tracer.terminal.errors import UserError


@pytest.fixture(autouse=True)
def on_a_persons_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER", "TF_BUILD", "TEAMCITY_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def run(*words: object) -> tuple[int, str]:
    """Exit code and standard output of a command; errors for people are raised."""
    done: Result = CliRunner().invoke(stackwalk.cli, list(map(str, words)), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.return_value or 0, done.stdout


CHANGED = SHOP.replace("        self.check(item)\n", "")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = written(tmp_path)
    assert run("baseline", "write", package, "--out", "shop.callflow")[0] == 0
    return package


def test_unchanged_code_is_the_same(package: Path) -> None:
    code, told = run("check", "shop.callflow", package)
    assert (code, "agreed on" in told) == (0, True)


def test_a_change_is_told_with_its_place(package: Path, tmp_path: Path) -> None:
    written(tmp_path, CHANGED)
    code, told = run("check", "shop.callflow", package)
    assert code == 1
    line = SHOP.split("\n").index("    @audited") + 1
    assert f"shop.work:Shop.order no longer calls shop.work:Shop.check  now shop/work.py:{line}" in told


def test_where_it_stood_before_is_taken_from_the_commit_of_the_baseline(
    package: Path, tmp_path: Path
) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "shop", "shop.callflow"], ["commit", "-qm", "agreed"]):
        subprocess.run([*git, *words], check=True, cwd=tmp_path)
    written(tmp_path, CHANGED)
    line = SHOP.split("\n").index("        self.check(item)") + 1
    assert f"before shop/work.py:{line}" in run("check", "shop.callflow", package)[1]
    code, told = run("diff", "HEAD:shop", "shop")
    assert code == 1
    assert "Shop.order no longer calls shop.work:Shop.check" in told


def test_update_keeps_the_reason(package: Path, tmp_path: Path) -> None:
    written(tmp_path, CHANGED)
    assert run("check", "shop.callflow", package, "--update", "--reason", "nobody looks at it")[0] == 0
    assert "# reason: nobody looks at it\n" in Path("shop.callflow").read_text()
    assert run("check", "shop.callflow", package)[0] == 0


@pytest.mark.parametrize("reason", [["--reason", "so"], []])
def test_update_is_refused(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: list[str]
) -> None:
    if reason:
        monkeypatch.setenv("CI", "true")
    written(tmp_path, CHANGED)
    before = Path("shop.callflow").read_bytes()
    with pytest.raises(UserError) as caught:
        run("check", "shop.callflow", package, "--update", *reason)
    assert caught.value.exit_code == 2
    assert Path("shop.callflow").read_bytes() == before


def test_a_damaged_baseline_is_not_overwritten(package: Path) -> None:
    path = Path("shop.callflow")
    path.write_text(path.read_text().replace("Shop.check [call]", "Shop.chuck [call]"))
    before = path.read_bytes()
    for words in (["check", path, package], ["check", path, package, "--update", "--reason", "so"]):
        with pytest.raises(UserError, match=r"shop\.callflow, line \d+") as caught:
            run(*words)
        assert caught.value.exit_code == 2
    with pytest.raises(UserError, match="is there already"):
        run("baseline", "write", package, "--out", path)
    assert path.read_bytes() == before


def test_source_and_recordings_in_one_baseline(package: Path) -> None:
    order = "shop.work:Shop.order"
    calls = [("shop.work:main", order), (order, "shop.work:Shop.find")]
    for number in range(2):
        write_recording(Path(f"run{number}"), request([*calls, (order, "shop.work:Shop.pack")][: 3 - number]))
    with pytest.raises(UserError, match="2 recordings"):
        run("baseline", "write", package, "run0", "run1", "--out", "both.callflow")
    run("baseline", "write", package, "run0", "run1", "--from-runs", "--out", "both.callflow")
    text = Path("both.callflow").read_text()
    assert "api shop.work:Shop.order -> shop.work:Shop.pack [call] optional" in text
    assert "- shop.work:Shop.order -> shop.work:Shop.pack [call]" in text
    assert "- shop.work:audited ->" not in text
    assert run("check", "both.callflow", package)[0] == 0
    assert run("check", "both.callflow", "run1")[0] == 0


def test_what_cannot_be_checked_is_an_error(package: Path) -> None:
    write_recording(Path("run"), request([("shop.work:a", "shop.work:b")]))
    with pytest.raises(UserError, match="cannot be checked with what was given"):
        run("check", "shop.callflow", "run")
    with pytest.raises(UserError, match="no Python source"):
        run("check", "shop.callflow", "nowhere")
    with pytest.raises(UserError, match="there is no function"):
        run("baseline", "write", package, "--from", "nobody", "--out", "other.callflow")


QUIET = "class Shop:\n    def order(self, item):\n        return item\n"


@pytest.mark.parametrize("way", ["added", "removed"])
@pytest.mark.parametrize("scope", [[], ["--from", "Shop.order"]])
def test_one_side_of_a_diff_may_have_no_call(tmp_path: Path, way: str, scope: list[str]) -> None:
    sides = []
    for name, text in (("quiet", QUIET), ("busy", SHOP)):
        (tmp_path / name).mkdir()
        sides.append(written(tmp_path / name, text))
    code, told = run("diff", *(sides if way == "added" else sides[::-1]), *scope, "--format", "json")
    findings = json.loads(told)["findings"]
    assert code == 1
    assert f"call-{way}" in {finding["rule"] for finding in findings}
    verb = {"added": "now calls", "removed": "no longer calls"}[way]
    messages = [finding["message"] for finding in findings]
    assert f"shop.work:Shop.order {verb} shop.work:Shop.check" in messages


def test_a_diff_says_which_side_lacks_what_it_begins_with(package: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = written(tmp_path / "other", SHOP.replace("def order", "def sell").replace(".order(", ".sell("))
    with pytest.raises(UserError, match=f"^{re.escape(str(other))}: there is no function Shop.order here"):
        run("diff", package, other, "--from", "Shop.order")
    empty = tmp_path / "empty.py"
    empty.write_text("NOTHING = 1\n")
    with pytest.raises(UserError, match="no call on either side"):
        run("diff", empty, empty)


def primary(told: str) -> set[str]:
    return {finding["message"] for finding in json.loads(told)["findings"] if not finding.get("follows")}


def test_what_a_new_call_brings_into_what_is_looked_at_follows(tmp_path: Path) -> None:
    other = "    def price(self, item):\n        self.check(item)\n"
    sides = []
    for name, body in (("old", "        return 1\n"), ("new", "        return self.till.take(1)\n")):
        (tmp_path / name).mkdir()
        text = SHOP.replace("    def price(self, item):\n        return 1\n", other + body)
        text = text.replace("        self.till.take(price)\n", "        self.settle(price)\n")
        settle = "    def settle(self, price):\n        self.till.take(price)\n\n"
        text = text.replace("    def find(", f"{settle}    def find(")
        sides.append(written(tmp_path / name, text))
    code, told = run("diff", *sides, "--from", "Shop.order", "--to", "Till.take", "--format", "json")
    assert code == 1
    assert primary(told) == {"shop.work:Shop.price now calls shop.work:Till.take"}
    assert "shop.work:Shop.price now calls shop.work:Shop.check" in told


def test_what_another_decorator_changes_follows_from_it(tmp_path: Path) -> None:
    sides = []
    for name, text in (("old", SHOP), ("new", SHOP.replace("    @audited\n", ""))):
        (tmp_path / name).mkdir()
        sides.append(written(tmp_path / name, text))
    _, told = run("diff", *sides, "--package", "shop", "--format", "json")
    of_order = {message for message in primary(told) if message.startswith("shop.work:Shop.order ")}
    assert of_order == {"shop.work:Shop.order no longer calls ?:audited [decorator]"}


def test_contracts_from_pyproject(package: Path) -> None:
    rules = '[[tool.stackwalk.contracts]]\ntype = "only-by"\nname = "One till"\nto = "Till.take"\n'
    Path("pyproject.toml").write_text(rules + 'by = "Shop.order"\n')
    assert run("contracts", package) == (0, "ok: One till (on static)\n")
    Path("pyproject.toml").write_text(rules + 'by = "main"\nwhy = "because"\n')
    code, told = run("contracts", package, "--format", "json")
    (finding,) = json.loads(told)["findings"]
    assert (code, finding["title"]) == (1, "One till")
    assert run("contracts", "--explain") == (0, "One till\n    because\n")


def test_contracts_that_come_along_are_readable() -> None:
    code, told = run("contracts", "--contracts", "nova-create", "--explain")
    assert code == 0
    assert "no reason is given" not in told
    with pytest.raises(UserError, match="there is no file"):
        run("contracts", "--contracts", "nothing", "--explain")


def test_a_page_with_both_sources(package: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", SHOP.replace("self.check(item)", "self.wrap(item)  # <b>"))
    assert run("diff", package, new, "--html", "page.html")[0] == 1
    page = Path("page.html").read_text()
    assert "self.check(item)" in page
    assert "self.wrap(item)  # &lt;b&gt;" in page
    assert "<b>" not in page
    assert "http://" not in page.replace("http-equiv", "")
