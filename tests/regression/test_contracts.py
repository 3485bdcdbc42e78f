"""Contracts, on source and on recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.regression.flows import graph_of, request, written
from tracer.model.kinds import Link
from tracer.regression.breaches import Verdict
from tracer.regression.contract_file import ContractError, load_contracts
from tracer.regression.contracts import judged

SOURCE = """
class Counter:
    def serve(self):
        self.check()
        self.book()

    def rush(self):
        self.book()

    def check(self):
        self.book()

    def book(self):
        store()


def store():
    pass
"""


def verdicts(folder: Path, told: str, tree: object = None) -> list[Verdict]:
    path = folder / "rules.toml"
    path.write_text(told)
    graph = graph_of(written(folder, SOURCE)) if tree is None else None
    return judged(load_contracts(path), graph, [("run", tree)] if tree is not None else [])  # type: ignore[list-item]


def broken(folder: Path, told: str, tree: object = None) -> list[str]:
    return [breach.message for verdict in verdicts(folder, told, tree) for breach in verdict.breaches]


def rule(type_: str, **fields: object) -> str:
    lines = [
        f"{name.rstrip('_')} = {str(value).lower() if isinstance(value, bool) else repr(value)}"
        for name, value in fields.items()
    ]
    return "\n".join(["[[contracts]]", f'type = "{type_}"', 'name = "rule"', *lines, ""])


def test_must_pass_through(tmp_path: Path) -> None:
    through_check = rule("must-pass-through", from_="Counter.serve", to="store", through="Counter.check")
    (message,) = broken(tmp_path, through_check)
    assert "Counter.serve reaches shop.work:store without shop.work:Counter.check" in message
    assert (
        broken(tmp_path, rule("must-pass-through", from_="Counter.serve", to="store", through="Counter.book"))
        == []
    )


def test_never_reaches(tmp_path: Path) -> None:
    assert broken(tmp_path, rule("never-reaches", from_="store", to="Counter.book")) == []
    assert broken(tmp_path, rule("never-reaches", from_="Counter.rush", to="store"))


def test_only_by(tmp_path: Path) -> None:
    assert broken(tmp_path, rule("only-by", to="store", by="Counter.book", kind="call")) == []
    (message,) = broken(tmp_path, rule("only-by", to="store", by="Counter.book", kind="rpc-cast"))
    assert "as call, not as rpc-cast" in message
    assert len(broken(tmp_path, rule("only-by", to="Counter.book", by="Counter.check"))) == 2


def test_exceptions_and_those_that_nothing_uses(tmp_path: Path) -> None:
    allow = ["Counter.serve -> Counter.book", "Counter.rush -> Counter.book", "store -> Counter.book"]
    (verdict,) = verdicts(tmp_path, rule("only-by", to="Counter.book", by="Counter.check", allow=allow))
    assert verdict.breaches == []
    assert verdict.unused == ["store -> Counter.book"]


REQUEST = [
    ("api:serve", "task:place", Link.RPC_CAST),
    ("task:place", "host:build", Link.RPC_CAST),
    ("host:build", "task:save", Link.RPC_CALL),
    ("host:build", "task:save", Link.RPC_CALL),
]
LANES = {"task:place": "task", "task:save": "task", "host:build": "host"}


@pytest.fixture
def create() -> object:
    return request(REQUEST, services=LANES)  # type: ignore[arg-type]


def test_rules_on_a_recording(tmp_path: Path, create: object) -> None:
    kept = (
        rule("must-pass-through", from_="api.serve", to="host.build", through="task.place")
        + rule("never-reaches", from_="service:api", to="host")
        + rule("only-by", to="task.place", by="api.serve", kind="rpc-cast")
        + rule("at-most", kinds=["rpc-call"], count=2)
        + rule("layers", layers=["api", "task", "host"], kinds=["rpc-cast"])
    )
    assert broken(tmp_path, kept, create) == []


def test_broken_rules_on_a_recording_are_told_all_at_once(tmp_path: Path, create: object) -> None:
    told = (
        rule("must-pass-through", from_="api.serve", to="host.build", through="task.other")
        + rule("never-reaches", from_="service:host", to="host")
        + rule("only-by", to="host.build", by="api.serve", kind="rpc-cast")
        + rule("only-by", to="task.place", by="api.serve", kind="rpc-call")
        + rule("at-most", kinds=["rpc-call"], count=1, service="host")
        + rule("layers", layers=["api", "task", "host"])
    )
    assert [len(verdict.breaches) for verdict in verdicts(tmp_path, told, create)] == [1] * 6


def test_a_rule_about_what_did_not_take_part_is_not_called_kept(tmp_path: Path, create: object) -> None:
    (verdict,) = verdicts(tmp_path, rule("never-reaches", from_="service:image", to="host"), create)
    assert (verdict.checked, verdict.breaches) == ([], [])
    assert "image" in verdict.skipped[0]


def test_contracts_in_pyproject(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(
        '[tool.stackwalk]\n[[tool.stackwalk.contracts]]\ntype="only-by"\nname="x"\nto="a"\nby="b"\n'
    )
    assert [contract.name for contract in load_contracts(path)] == ["x"]


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("[[contracts]\n", "line 1"),
        (rule("teleports", to="x"), "teleports"),
        (rule("only-by", to="x", by="y", colour="red"), "colour"),
        (rule("only-by", to="x"), "by"),
        (rule("only-by", to="x", by="y", on="mars"), "mars"),
        (rule("only-by", to="x", by="y", allow=["x"]), "caller -> callee"),
        (rule("at-most", count=1), "counts neither"),
    ],
)
def test_contracts_that_cannot_be_used(tmp_path: Path, told: str, problem: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(told)
    with pytest.raises(ContractError, match=problem):
        load_contracts(path)
