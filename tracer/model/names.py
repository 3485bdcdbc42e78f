"""Function ids from names as people write them."""

from __future__ import annotations

from collections.abc import Collection

_SHOWN_CANDIDATES = 20


class NameProblemError(Exception):
    """A name that stands for no function, or for several.

    Args:
        name: what was asked for.
        candidates: the ids it may mean (none: nothing of this name).
    """

    def __init__(self, name: str, candidates: Collection[str]) -> None:
        self.name = name
        self.candidates = list(candidates)
        if candidates:
            message = f"{name} may mean any of {len(candidates)} functions"
        else:
            message = f"no function {name} in this graph"
        super().__init__(message)


def matching(ids: Collection[str], name: str) -> list[str]:
    """Those of ``ids`` that ``name`` may mean: the id itself, its dotted form, or any tail of it at a dot.

    ``<locals>`` may be left out; a module's name means its body.
    """
    if name in ids:
        return [name]
    wanted = plain(name)
    tail = "." + wanted
    last = wanted.rpartition(".")[2]
    near = [(identity, plain(identity)) for identity in ids if identity.endswith((last, f"{last}:<module>"))]
    exact = [identity for identity, dotted in near if dotted == wanted]
    return exact or [identity for identity, dotted in near if dotted.endswith(tail)]


def close_names(ids: Collection[str], name: str) -> list[str]:
    """Those of ``ids`` whose last part resembles the last part of ``name``."""
    from difflib import get_close_matches

    last = plain(name).rpartition(".")[2]
    names: dict[str, list[str]] = {}
    for identity in ids:
        names.setdefault(plain(identity).rpartition(".")[2], []).append(identity)
    return [identity for near in get_close_matches(last, names, n=5) for identity in names[near]][
        :_SHOWN_CANDIDATES
    ]


def plain(name: str) -> str:
    """A function id as dotted words, without what only Python adds."""
    return name.replace(":<module>", "").replace(":", ".").replace("<locals>.", "")
