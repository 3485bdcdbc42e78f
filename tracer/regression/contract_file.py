"""Contracts as they are written, in a TOML file or in ``pyproject.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

Names = str | list[str]
Count = Annotated[int, msgspec.Meta(ge=0)]


class ContractError(Exception):
    """Contracts that cannot be used: what is wrong and where."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Rule(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """What all contracts have.

    ``name`` is the rule in a few words, ``why`` the reason for it. ``on`` says what it is checked on:
    ``static``, ``recording`` or ``both``. ``allow`` are exceptions, written ``caller -> callee``.
    """

    name: str
    why: str = ""
    on: str = "both"
    allow: list[str] = []


class MustPassThrough(
    Rule, frozen=True, kw_only=True, tag="must-pass-through", rename={"start": "from", "goal": "to"}
):
    """Every way from ``from`` to ``to`` goes through one of ``through``; with ``directly``, every way that
    stays in the process.
    """

    start: Names
    goal: Names
    through: Names
    directly: bool = False


class NeverReaches(
    Rule, frozen=True, kw_only=True, tag="never-reaches", rename={"start": "from", "goal": "to"}
):
    """No way leads from ``from`` to ``to``; with ``directly``, none that stays in the process.

    ``from`` may be ``service:NAME`` for all that a recording ran in a service.
    """

    start: Names
    goal: Names
    directly: bool = False


class OnlyBy(Rule, frozen=True, kw_only=True, tag="only-by", rename={"goal": "to"}):
    """``to`` is only called by one of ``by``, and by a call of this ``kind`` (empty: any)."""

    goal: Names
    by: Names
    kind: str = ""


class AtMost(Rule, frozen=True, kw_only=True, tag="at-most", rename={"start": "from"}):
    """A request makes at most ``count`` calls of ``kinds``, or of functions ``of``.

    ``from`` and ``service`` narrow what is counted to what runs under a function, or is sent or run by a
    service. Where ``of`` functions call each other, the outermost counts.
    """

    count: Count
    kinds: list[str] = []
    of: Names = []
    start: Names = []
    service: str = ""
    on: str = "recording"


class Layers(Rule, frozen=True, kw_only=True, tag="layers"):
    """Calls lead from a layer to itself or a later one, never back.

    ``layers`` are services, or packages. ``kinds`` are the kinds of calls that it is about (empty: all).
    """

    layers: list[str]
    kinds: list[str] = []


Contract = MustPassThrough | NeverReaches | OnlyBy | AtMost | Layers
_ON = ("static", "recording", "both")


class _File(msgspec.Struct):
    contracts: list[Contract] = []


class _Tool(msgspec.Struct):
    stackwalk: _File = msgspec.field(default_factory=_File)


class _Tools(msgspec.Struct):
    tool: _Tool = msgspec.field(default_factory=_Tool)


def load_contracts(path: Path) -> list[Contract]:
    """The contracts in ``path``: ``[[contracts]]``, or ``[[tool.stackwalk.contracts]]`` in a
    ``pyproject.toml``.

    Raises:
        ContractError: the file cannot be read, is not TOML, or holds something that is no contract.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: {error}") from error
    try:
        if path.name == "pyproject.toml":
            found = msgspec.convert(told, _Tools).tool.stackwalk.contracts
        else:
            found = msgspec.convert(told, _File).contracts
    except msgspec.ValidationError as error:
        raise ContractError(f"{path}: {error}") from error
    for contract in found:
        _check(path, contract)
    return found


def _check(path: Path, contract: Contract) -> None:
    if contract.on not in _ON:
        raise ContractError(
            f"{path}: contract {contract.name!r}: on is {contract.on!r}, not one of {', '.join(_ON)}"
        )
    for exception in contract.allow:
        if exception.count(" -> ") != 1:
            raise ContractError(
                f"{path}: contract {contract.name!r}: {exception!r} is not `caller -> callee`"
            )
    if isinstance(contract, AtMost) and not (contract.kinds or contract.of):
        raise ContractError(f"{path}: contract {contract.name!r}: it counts neither kinds nor functions")


def listed(names: Names) -> list[str]:
    """One name, or several, as a list."""
    return [names] if isinstance(names, str) else list(names)
