"""The baseline's file: stable, readable, and never believed when it is not what was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.regression.flows import flow_of, request, written
from tracer.regression.baseline import Baseline, baseline_of
from tracer.regression.baseline_file import (
    BaselineError,
    load_baseline,
    parse_baseline,
    save_baseline,
    text_of,
)
from tracer.regression.learning import learnt
from tracer.regression.observed_flow import observed_flow
from tracer.regression.scope import Scope


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    package = written(tmp_path_factory.mktemp("tree"))
    runs = [
        observed_flow(request([("shop:a", "shop:b"), ("shop:a", "shop:c")])),
        observed_flow(request([("shop:a", "shop:b")])),
    ]
    return baseline_of([flow_of(package), learnt(runs)], Scope(start="main"), reasons=("because",))


def test_what_was_written_is_read(baseline: Baseline) -> None:
    text = text_of(baseline)
    assert text_of(parse_baseline(text, Path("x"))) == text


def test_it_can_be_reviewed(baseline: Baseline) -> None:
    lines = text_of(baseline).splitlines()
    edges = [line for line in lines if " -> " in line]
    assert edges == sorted(edges)
    assert "- shop.work:Shop.order -> shop.work:Shop.find [call]" in edges
    assert "api shop:a -> shop:b [call]" in edges
    assert "api shop:a -> shop:c [call] optional" in edges
    assert any(
        line.startswith("= - shop.work:Shop.order: ") and "find < check < price" in line for line in lines
    )
    assert "# reason: because" in lines


def test_it_is_written_whole_or_not_at_all(baseline: Baseline, tmp_path: Path) -> None:
    path = tmp_path / "shop.callflow"
    save_baseline(baseline, path)
    assert [one.name for one in tmp_path.iterdir()] == ["shop.callflow"]
    assert text_of(load_baseline(path)) == text_of(baseline)


def _line(text: str, word: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if word in line)


def _without(text: str, word: str) -> str:
    return "\n".join(line for line in text.split("\n") if word not in line)


FIND = "- shop.work:Shop.order -> shop.work:Shop.find [call]"
DAMAGES: dict[str, tuple[Callable[[str], str], str, str]] = {
    "cut off": (lambda text: text[: text.index("# seal")], "# seal", "cut off"),
    "cut off in a line": (lambda text: text[: text.index("Shop.find") + 4], "Shop.find", "cut off"),
    "emptied": (lambda text: "", "", "empty"),
    "of the future": (lambda text: text.replace("callflow 1", "callflow 2", 1), "callflow 1", "version '2'"),
    "another file": (lambda text: "hello\n" + text, "callflow 1", "beginning"),
    "a line taken out": (lambda text: _without(text, FIND), FIND, "hand"),
    "a line changed": (lambda text: text.replace(FIND, FIND.replace("find", "lose")), FIND, "hand"),
    "a kind that is none": (
        lambda text: text.replace(FIND, FIND.replace("[call]", "[hop]")),
        FIND,
        "lane caller",
    ),
    "lines out of order": (
        lambda text: text.replace(FIND + "\n", "").replace("# seal", FIND + "\n# seal", 1),
        "",
        "",
    ),
    "a line twice": (lambda text: text.replace(FIND, f"{FIND}\n{FIND}"), FIND, "twice"),
    "a head that is not understood": (
        lambda text: text.replace("# parts:", "# pieces:"),
        "# parts",
        "understood",
    ),
    "a scope that was changed": (lambda text: text.replace('"main"', '"make"'), "# scope", "hand"),
    "something after the end": (lambda text: text + "api a:b -> c:d [call]\n", "", "after"),
    "a merge conflict": (
        lambda text: text.replace(FIND, f"<<<<<<< HEAD\n{FIND}\n=======\n>>>>>>> topic"),
        FIND,
        "conflict",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_with_its_line(baseline: Baseline, damage: str) -> None:
    change, word, told = DAMAGES[damage]
    text = text_of(baseline)
    with pytest.raises(BaselineError) as caught:
        parse_baseline(change(text), Path("shop.callflow"))
    assert caught.value.line > 0
    assert told in caught.value.message
    if word:
        assert abs(caught.value.line - _line(text, word)) <= 1
    assert f"shop.callflow, line {caught.value.line}" in caught.value.message


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.callflow"
    path.write_bytes(b"# stackwalk callflow 1\n\xff\xfe\n")
    with pytest.raises(BaselineError, match="line 2"):
        load_baseline(path)
    with pytest.raises(BaselineError, match="No such file"):
        load_baseline(tmp_path / "none")
