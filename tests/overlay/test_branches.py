"""The paths that a function did not take, and why."""

from __future__ import annotations

import pytest

from tests.overlay.shop import SHOP, graph_of, run_recorded, write_programs
from tracer.model.branches import Branches, Why
from tracer.model.overlaid import Overlaid
from tracer.overlay.branches import branches
from tracer.overlay.laying import lay


@pytest.fixture(scope="module")
def overlaid(tmp_path_factory: pytest.TempPathFactory) -> Overlaid:
    folder = write_programs(tmp_path_factory.mktemp("shop"))
    return lay(graph_of(folder, "shop_main.py"), [run_recorded(folder, folder / "recording")])


def of(graph: Overlaid, name: str, source: str | None = SHOP) -> Branches:
    return branches(graph, f"shop_main:{name}", lambda file: source)


def names(found: Branches, why: Why) -> dict[str, list[str]]:
    """The ways not taken for this reason, by what decided."""
    return {
        branch.head: [way.callee.partition(":")[2] for way in branch.ways]
        for branch in found.branches
        if branch.why is why
    }


def test_ways_are_grouped_by_what_decided_against_them(overlaid: Overlaid) -> None:
    found = of(overlaid, "Shop.goods")
    assert names(found, Why.CONDITION) == {"if shop_tools.closed():": ["Shop.refuse", "Shop.clean"]}
    assert names(found, Why.LOOP) == {"for one in shop_tools.nothing():": ["unwrap"]}
    assert names(found, Why.OTHER_OVERRIDE) == {"shop_main:Shelf.take": ["Fridge.take"]}
    assert found.times == 1
    assert found.ways == sum(len(branch.ways) for branch in found.branches) == 5
    assert found.taken > 0
    assert found.outside > 0


def test_what_was_called_at_one_line_may_be_a_way_not_taken_at_another(overlaid: Overlaid) -> None:
    assert names(of(overlaid, "Shop.goods"), Why.EXCEPTION) == {"except ValueError:": ["Shop.refuse"]}
    assert "Shop.clean" in names(of(overlaid, "Shop.goods"), Why.CONDITION)["if shop_tools.closed():"]


def test_without_the_source_nothing_is_claimed(overlaid: Overlaid) -> None:
    for source in (None, "def broken(:", "x = 1"):
        found = of(overlaid, "Shop.goods", source)
        assert {branch.why for branch in found.branches} <= {Why.UNKNOWN, Why.OTHER_OVERRIDE}
        assert found.ways == 5


def test_a_function_that_is_not_there_is_an_error(overlaid: Overlaid) -> None:
    with pytest.raises(KeyError):
        of(overlaid, "nobody")
