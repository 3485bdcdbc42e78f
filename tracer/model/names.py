"""Function ids from names as people write them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from tracer.model.function import Function

_SHOWN = 20
_NEAR_WORDS = 5


class NameProblemError(Exception):
    """A name that stands for no function, or for several.

    Args:
        name: what was asked for.
        candidates: the ids it may mean (none: nothing of this name).
        near: where there are none, ids whose names resemble it, most alike first.
        inside: where it is a class, or a function that a class does not have, the ids of those in it.
    """

    def __init__(
        self, name: str, candidates: Collection[str], near: Collection[str] = (), inside: Collection[str] = ()
    ) -> None:
        self.name = name
        self.candidates = list(candidates)
        self.near = list(near)
        self.inside = list(inside)
        if candidates:
            message = f"{name} may mean any of {len(candidates)} functions"
        elif inside and _owner_of(next(iter(inside))).endswith(f".{plain(name)}"):
            message = f"{name} is a class, not a function"
        elif inside:
            owner, _, last = plain(name).rpartition(".")
            message = f"the class {owner} has no function {last}"
        else:
            message = (
                f"no function {name} in this graph" if name.strip() else "the name of a function is empty"
            )
        super().__init__(message)

    @property
    def remedy(self) -> str:
        """What to do about it, in words."""
        if self.candidates:
            return "Give more of the name."
        if self.inside:
            return "Name one of its functions."
        return "These are near." if self.near else ""

    def lines(self, function_of: Callable[[str], Function]) -> tuple[str, ...]:
        """The ids that may have been meant, each with its place.

        Args:
            function_of: gives the function of an id.
        """
        meant = self.candidates or self.inside or self.near
        shown = [_with_place(function_of(identity)) for identity in meant[:_SHOWN]]
        if len(meant) > _SHOWN:
            shown.append(f"... and {len(meant) - _SHOWN} more")
        return tuple(shown)


def _with_place(function: Function) -> str:
    return f"{function.id}  {function.file}:{function.line}" if function.file else function.id


def matching(ids: Collection[str], name: str, preferred: Callable[[str], bool] | None = None) -> list[str]:
    """Those of ``ids`` that ``name`` may mean, by the most literal reading that any of them fits.

    The readings are, in this order: the id itself; its dotted form; any tail of it at a dot
    (``Class.method``, ``method``, ``module.function``); a module or the end of its name with the end of a
    function's in it, what stands in between left out (``servers.create`` for ``create`` of any class of a
    module ``servers``). Colons may be written as dots, ``<locals>`` may be left out, and a module's name
    means its body.

    Args:
        ids: where to look.
        name: what was written.
        preferred: which ids win over others where only a part of the name was written; None for all alike.
    """
    if name in ids:
        return [name]
    wanted = plain(name)
    tail = "." + wanted
    last = wanted.rpartition(".")[2]
    near = [(identity, plain(identity)) for identity in ids if identity.endswith((last, f"{last}:<module>"))]
    exact = [identity for identity, dotted in near if dotted == wanted]
    if exact:
        return exact
    found: dict[tuple[bool, bool], list[str]] = {}
    for identity, dotted in near:
        is_tail = dotted.endswith(tail)
        if is_tail or _is_in_module(identity, wanted):
            others = preferred is not None and not preferred(identity)
            found.setdefault((others, not is_tail), []).append(identity)
    return found[min(found)] if found else []


def _is_in_module(identity: str, wanted: str) -> bool:
    """Whether the words of ``wanted`` are the end of a module's name and then the end of a function's."""
    module, _, qualname = identity.partition(":")
    module, qualname = f".{module}", f".{plain(qualname)}"
    words = wanted.split(".")
    return any(
        module.endswith("." + ".".join(words[:cut])) and qualname.endswith("." + ".".join(words[cut:]))
        for cut in range(1, len(words))
    )


def one_of(ids: Collection[str], name: str, preferred: Callable[[str], bool] | None = None) -> str:
    """The one of ``ids`` that ``name`` means; what is nested in a function only where nothing else is meant.

    Args:
        ids, name, preferred: as for `matching`.

    Raises:
        NameProblemError: there is none, or more than one.
    """
    found = matching(ids, name, preferred)
    if len(found) > 1:
        found = sorted(identity for identity in found if "<locals>" not in identity) or sorted(found)
    if len(found) == 1:
        return found[0]
    if found:
        raise NameProblemError(name, found)
    inside, near = _in_class(ids, plain(name)), []
    if not inside:
        near = close_names(ids, name, preferred)
        inside = _siblings(ids, plain(name), near)
    raise NameProblemError(name, (), () if inside else near, inside)


def _siblings(ids: Collection[str], wanted: str, near: Collection[str]) -> list[str]:
    """The functions of the class of ``wanted``, most alike first; none where ``near`` has better ones.

    Better is one that is called the same (a subclass may inherit it), or that is near and of this class.
    """
    from difflib import SequenceMatcher

    owner, _, last = wanted.rpartition(".")
    found = _in_class(ids, owner)
    if not set(near).isdisjoint(found) or any(plain(one).endswith(f".{last}") for one in near):
        return []
    likeness = SequenceMatcher(b=last, autojunk=False)

    def unlike(identity: str) -> tuple[float, str]:
        likeness.set_seq1(identity.rpartition(".")[2])
        return -likeness.ratio(), identity

    return sorted(found, key=unlike)


def _in_class(ids: Collection[str], wanted: str) -> list[str]:
    """Those of ``ids`` that are functions of a class called ``wanted``, as dotted words; sorted."""
    return sorted(one for one in ids if wanted and _owner_of(one).endswith(f".{wanted}"))


def _owner_of(identity: str) -> str:
    """The class of a method as dotted words after a dot; empty for other functions."""
    owner = identity.rpartition(".")[0]
    return f".{plain(owner)}" if ":" in owner and "<" not in owner else ""


def close_names(ids: Collection[str], name: str, preferred: Callable[[str], bool] | None = None) -> list[str]:
    """Those of ``ids`` whose last word resembles that of ``name``; those come first that resemble all of it.

    Args:
        ids, name: as for `matching`.
        preferred: which ids come before others; None for all alike.
    """
    from difflib import SequenceMatcher, get_close_matches

    wanted = plain(name)
    words = wanted.count(".") + 1
    named: dict[str, list[str]] = {}
    for identity in ids:
        named.setdefault(plain(identity).rpartition(".")[2], []).append(identity)
    likeness = SequenceMatcher(b=wanted, autojunk=False)
    ranked = []
    for last in get_close_matches(wanted.rpartition(".")[2], named, n=_NEAR_WORDS):
        for identity in named[last]:
            alike = 0.0
            for written in (plain(identity), f"{identity.partition(':')[0]}.{last}"):
                likeness.set_seq1(".".join(written.split(".")[-words:]))
                alike = max(alike, likeness.ratio())
            others = preferred is not None and not preferred(identity)
            ranked.append((others, -alike, identity))
    return [identity for _, _, identity in sorted(ranked)][:_SHOWN]


def plain(name: str) -> str:
    """A function id as dotted words, without what only Python adds."""
    return name.replace(":<module>", "").replace(":", ".").replace("<locals>.", "")
