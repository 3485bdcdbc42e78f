"""Function ids as people write them: any tail of module and function."""

from __future__ import annotations

from collections.abc import Collection


def plain(name: str) -> str:
    """``name`` with dots only, without what Python adds for nested functions and module bodies."""
    return name.replace(":<module>", "").replace(":", ".").replace("<locals>.", "")


def matching_ids(ids: Collection[str], name: str) -> list[str]:
    """The ids that ``name`` may mean: the id itself, its dotted form, or any tail of it at a dot.

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
