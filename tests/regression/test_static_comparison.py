"""What a change of the source does to the flow, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.regression.flows import SHOP, flow_of, written
from tracer.regression.baseline import Baseline, baseline_of
from tracer.regression.changes import Change, What
from tracer.regression.comparison import compare
from tracer.regression.scope import Scope

ORDER = "shop.work:Shop.order"


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    return baseline_of([flow_of(written(tmp_path_factory.mktemp("tree")))], Scope())


def changes(baseline: Baseline, folder: Path, source: str) -> list[Change]:
    return compare(baseline, [flow_of(written(folder, source))]).changes


CHECK = "        self.check(item)\n"
NEUTRAL = {
    "nothing": [],
    "a comment and blank lines": [(CHECK, f"\n\n        # as agreed\n{CHECK}")],
    "a renamed local": [
        ("price = self.price(item)", "sum_ = self.price(item)"),
        ("take(price)", "take(sum_)"),
    ],
    "other formatting": [("self.till.take(price)", "self.till.take(\n            price,\n        )")],
}


@pytest.mark.parametrize("kind", NEUTRAL)
def test_what_does_not_alter_the_flow_is_no_change(baseline: Baseline, tmp_path: Path, kind: str) -> None:
    source = SHOP
    for old, new in NEUTRAL[kind]:
        assert old in source
        source = source.replace(old, new)
    assert changes(baseline, tmp_path, source) == []


ALTERED = {
    "removed": ("        self.check(item)\n", "", What.REMOVED, "Shop.check"),
    "added": (
        "        self.check(item)\n",
        "        self.check(item)\n        self.wrap(item)\n",
        What.ADDED,
        "Shop.wrap",
    ),
    "written twice": (
        "        self.check(item)\n",
        "        self.check(item)\n        self.check(item)\n",
        What.ALTERED,
        "Shop.check",
    ),
    "decorator dropped": ("    @audited\n", "", What.REMOVED, "audited"),
    "order of a value and its use": (
        "        item = self.find(what)\n        self.check(item)\n",
        "        self.check(item)\n        item = self.find(what)\n",
        What.ORDER,
        "find",
    ),
    "order of dependent calls": (
        "        self.check(item)\n        price = self.price(item)\n",
        "        price = self.price(item)\n        self.check(item)\n",
        What.ORDER,
        "check",
    ),
}


@pytest.mark.parametrize("kind", ALTERED)
def test_what_alters_the_flow_is_told_with_its_function(
    baseline: Baseline, tmp_path: Path, kind: str
) -> None:
    old, new, what, name = ALTERED[kind]
    assert old in SHOP
    found = [
        change
        for change in changes(baseline, tmp_path, SHOP.replace(old, new))
        if change.what is what and change.caller == ORDER
    ]
    assert any(name in f"{change.callee} {change.before}" for change in found)
    assert all(change.now is not None and change.now.file == "shop/work.py" for change in found)


def test_a_replaced_call_is_a_call_gone_and_one_come(baseline: Baseline, tmp_path: Path) -> None:
    found = changes(baseline, tmp_path, SHOP.replace("self.pack(item)", "self.wrap(item)"))
    assert {(change.what, change.callee.rpartition(".")[2]) for change in found} == {
        (What.REMOVED, "pack"),
        (What.ADDED, "wrap"),
    }


PLAIN = "def a(x):\n    pass\n\n\ndef b(x):\n    pass\n\n\n"
WITHOUT_ORDER = {
    "calls that share nothing": (
        "def main(one, other):\n    a(one)\n    b(other)\n",
        "def main(one, other):\n    b(other)\n    a(one)\n",
    ),
    "branches that exclude each other": (
        "def main(x):\n    if x:\n        a(x)\n    else:\n        b(x)\n",
        "def main(x):\n    if not x:\n        b(x)\n    else:\n        a(x)\n",
    ),
}


@pytest.mark.parametrize("kind", WITHOUT_ORDER)
def test_what_does_not_depend_on_each_other_has_no_order(tmp_path: Path, kind: str) -> None:
    old, new = WITHOUT_ORDER[kind]
    before = baseline_of([flow_of(written(tmp_path / "old", PLAIN + old))], Scope())
    assert changes(before, tmp_path / "new", PLAIN + new) == []


def test_a_renamed_function_is_one_change(baseline: Baseline, tmp_path: Path) -> None:
    found = changes(baseline, tmp_path, SHOP.replace("order", "sell"))
    renamed = [change for change in found if change.what is What.RENAMED]
    assert [(change.callee, change.caller) for change in renamed] == [(ORDER, "shop.work:Shop.sell")]
    assert found == renamed


def test_a_call_that_went_into_a_helper_is_moved(baseline: Baseline, tmp_path: Path) -> None:
    source = SHOP.replace("        self.till.take(price)\n", "        self.charge(price)\n").replace(
        "    def find(", "    def charge(self, price):\n        self.till.take(price)\n\n    def find("
    )
    found = changes(baseline, tmp_path, source)
    moved = [change for change in found if change.what is What.MOVED]
    assert [(change.before, change.caller, change.callee) for change in moved] == [
        (ORDER, "shop.work:Shop.charge", "shop.work:Till.take")
    ]


def test_what_follows_is_told_apart(tmp_path: Path) -> None:
    flow = flow_of(written(tmp_path / "old"))
    before = baseline_of([flow], Scope(start="main"))
    found = changes(before, tmp_path / "new", SHOP.replace('    shop.order("tea")\n', "    return shop\n"))
    roots = [change for change in found if not change.follows]
    assert roots
    assert {change.caller for change in roots} == {"shop.work:main"}


def test_scope_by_start_and_goal(tmp_path: Path) -> None:
    from tracer.regression.scope import narrowed

    flow = flow_of(written(tmp_path))
    found = narrowed(flow, Scope(start="main", goal="Till.take"))
    assert ORDER in found.members
    assert "shop.work:Shop.pack" not in found.members
    near = narrowed(flow, Scope(start="main", depth=1))
    assert "shop.work:Till.take" not in near.members
