"""Makes a picture's boxes, arrows and words from what may be drawn and what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from reports.graph.choice import Choice, Unit, Wish, choose, short
from reports.graph.fold import MOST_ARROWS, Folded, fold, fold_to_fit, thinned
from reports.graph.gather import Arrow, Arrows, Box, gather
from reports.graph.material import Material
from reports.graph.view import Edge, Node, Remark, View
from tracer.model.function import Function
from tracer.model.notes import Note, Notes
from tracer.terminal.errors import UserError
from tracer.terminal.wording import counted

PLURALS = {Unit.NONE: "functions", Unit.CLASS: "classes", Unit.MODULE: "modules", Unit.SERVICE: "services"}
SINGULARS = {Unit.NONE: "function", Unit.CLASS: "class", Unit.MODULE: "module", Unit.SERVICE: "service"}
_MOST_VERSIONS = 4
_READABLE_BOXES, _READABLE_ARROWS = 40, 80
"""What fits a page and can be followed, where nobody said how much shall be shown."""
_FEW_ASIDES = 8
"""So many boxes beside the matter need no folding; and so many folds there are at most."""
Href = Callable[[Function], str]


def build_view(
    material: Material,
    wish: Wish,
    *,
    notes: Notes | None = None,
    language: str = "",
    href: Href | None = None,
) -> View:
    """The picture that ``wish`` asks for.

    Args:
        material: what may be drawn.
        wish: what shall be.
        notes: what there is to know of functions and calls, or None.
        language: of the notes.
        href: where a function's source can be seen; an empty answer for nowhere.

    Raises:
        UserError: when nothing is left to draw, or a name does not stand for one function.
    """
    if wish.unit is Unit.SERVICE and not any(station.service for station in material.stations):
        raise UserError(
            "Source alone knows no services.", "Give a recording as well, or collapse to modules or classes."
        )
    choice, boxes, arrows = _chosen(material, wish)
    asides = _fold_asides(boxes, arrows, material, wish)
    folded, unseen = _folded(asides, wish, has_focus=bool(choice.focus))
    remarks = _Remarks(notes, language, material.versions)
    for box in sorted(folded.boxes, key=lambda box: box.level or 0):
        if not box.folded:
            remarks.on(_ids(box))  # gives numbers from the top of the picture downwards
    nodes = [_node(box, wish.unit, remarks, href) for box in folded.boxes]
    edges = [_edge(tail, head, arrow, material, remarks) for (tail, head, _), arrow in folded.arrows.items()]
    shown = {identity for node in nodes for identity in node.functions}
    ways = sum(edge.ways for edge in edges) + sum(node.inside for node in nodes)
    about = [material.label] if "=" in material.label else _with_versions(material)
    about.append(f"{len(shown):,} of {counted(material.functions, 'function')}, {counted(ways, 'call')}")
    if material.recordings > 1:
        about.append(f"{material.recordings:,} recordings")
    statements = [*_wrapper_statement(material), *choice.statements]
    statements += _aside_statement(asides, material, wish.unit)
    statements += _fold_statements(folded, len(asides.boxes), wish.unit)
    if unseen:
        statements.append(f"Drawn are the strongest arrows; the others, {counted(unseen, 'call')}, are not.")
    what = choice.focus or "all calls"
    unit = "" if wish.unit is Unit.NONE else f", by {SINGULARS[wish.unit]}"
    return View(
        title=f"{what[:1].upper()}{what[1:]}{unit}",
        about=" · ".join(about),
        unit=wish.unit,
        nodes=nodes,
        edges=edges,
        statements=statements,
        remarks=remarks.given,
        compared=material.compared,
    )


def _chosen(material: Material, wish: Wish) -> tuple[Choice, list[Box], Arrows]:
    """What is shown; where nobody said how far to go, as far as an eye can follow."""

    def gathered(choice: Choice) -> tuple[Choice, list[Box], Arrows]:
        return choice, *gather(material, choice, wish.unit)

    def is_readable(chosen: tuple[Choice, list[Box], Arrows]) -> bool:
        folded = _fold_asides(*chosen[1:], material, wish)
        return len(folded.boxes) <= _READABLE_BOXES and len(folded.arrows) <= _READABLE_ARROWS

    choice = choose(material, wish)
    best = gathered(choice)
    if not (choice.focus and wish.most) or wish.depth is not None or is_readable(best):
        return best
    is_way = bool(wish.start and wish.goal)
    for depth in sorted(set(choice.distance.values()) - (set() if is_way else {0})):
        nearer_ones = gathered(choice.within(material, depth))
        if best[0] is not choice and not is_readable(nearer_ones):
            break
        best = nearer_ones
    if not is_way and not is_readable(best):
        best = gathered(best[0].onward(material))
    nearer = best[0]
    longest = max(nearer.distance.values())
    left_out = len(choice.distance) - len(nearer.distance)
    if is_way:
        nearer.statements.append(
            f"Drawn are the ways that take at most {counted(longest, 'call')} more than the shortest; "
            f"{counted(left_out, 'function stands', 'functions stand')} on longer ones, which --depth shows."
        )
    elif left_out:
        nearer.statements.append(
            f"Drawn is what is at most {counted(longest, 'call')} away; "
            f"{counted(left_out, 'function is', 'functions are')} farther, which --depth shows."
        )
    return best


def _fold_asides(boxes: list[Box], arrows: Arrows, material: Material, wish: Wish) -> Folded:
    """Fold what did not run, or was not even read, unless it is what was asked for."""
    is_way = bool(wish.start and wish.goal)
    rest = [
        number
        for number, box in enumerate(boxes)
        if not box.times and not box.asked and (material.compared or not box.was_read)
    ]
    if wish.unfold or not wish.most or is_way or not _FEW_ASIDES < len(rest) < len(boxes):
        return Folded(boxes, arrows)
    return fold(boxes, arrows, rest, _FEW_ASIDES)


def _folded(asides: Folded, wish: Wish, *, has_focus: bool) -> tuple[Folded, int]:
    """What fits a picture, and how many calls are in none of its arrows.

    Around a point the far ends are folded; of a whole graph only the strongest connections are drawn.
    """
    if has_focus or not wish.most:
        return fold_to_fit(asides.boxes, asides.arrows, wish.most), 0
    folded = fold_to_fit(asides.boxes, asides.arrows, wish.most, len(asides.arrows))
    return thinned(folded, MOST_ARROWS)


def _with_versions(material: Material) -> list[str]:
    packages = {station.function.module.partition(".")[0] for station in material.stations}
    versions = [f"{name} {version}" for name, version in material.versions.items() if name in packages]
    more = len(versions) - _MOST_VERSIONS
    return [material.label, *versions[:_MOST_VERSIONS], *([f"and {more} more packages"] if more > 0 else [])]


def _wrapper_statement(material: Material) -> list[str]:
    if not material.wrappers:
        return []
    said = counted(material.wrappers, "function that only carries", "functions that only carry")
    return [f"{said} calls on (decorators, proxies, dispatchers): folded into the arrows. --wrappers shows."]


def _aside_statement(asides: Folded, material: Material, unit: Unit) -> list[str]:
    if not asides.boxes_folded:
        return []
    which = counted(asides.boxes_folded, SINGULARS[unit], PLURALS[unit])
    why = "could have run and did not" if material.compared else "were called and not read"
    lost = counted(asides.arrows_left_out, "call to them is", "calls to them are")
    left_out = f"; {lost} not drawn" if asides.arrows_left_out else ""
    return [f"Folded: {which} that {why}{left_out}. --unfold shows all."]


def _fold_statements(folded: Folded, boxes: int, unit: Unit) -> list[str]:
    if not folded.boxes_folded:
        return []
    folds = sum(1 for box in folded.boxes if box.folded)
    said = f"{folded.boxes_folded:,} of {boxes:,} {PLURALS[unit]}"
    if unit is not Unit.NONE:
        said += f" with {counted(folded.functions_folded, 'function')}"
    result = [f"{said} are folded into {counted(folds, 'box', 'boxes')} that say their number (+)."]
    if folded.arrows_left_out:
        result.append(
            f"Each of these shows the arrow that stands for the most calls; "
            f"{counted(folded.arrows_left_out, 'other call')} to or from them are not drawn."
        )
    return result


def _node(box: Box, unit: Unit, remarks: _Remarks, href: Href | None) -> Node:
    service, module, name = box.key
    first, ids = _in_order(box)[0], _ids(box)
    if box.folded:
        name = f"+{counted(box.folded, SINGULARS[unit], PLURALS[unit])}"
    elif unit is Unit.SERVICE:
        name = service or "not seen"
    elif unit is Unit.CLASS and not name:
        name = f"functions of {module.rpartition('.')[2]}"
    return Node(
        key=" ".join(part for part in (service, f"{module}:{box.key[2]}" if module else box.key[2]) if part)
        + (" (folded)" if box.folded else ""),
        name=name,
        service="" if unit is Unit.SERVICE and not box.folded else service,
        module=module,
        functions=ids,
        file="" if box.folded else first.file,
        line=0 if box.folded else first.line,
        times=box.times,
        inside=box.inside,
        folded=len(ids) if box.folded else 0,
        level=box.level,
        asked=box.asked,
        remarks=() if box.folded else remarks.on(ids),
        href=href(first) if href is not None and not box.folded else "",
    )


def _in_order(box: Box) -> list[Function]:
    functions = (member.function for member in box.members)
    return sorted(functions, key=lambda one: (one.file, one.line, one.id))


def _ids(box: Box) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.id for one in _in_order(box)))


def _edge(tail: int, head: int, arrow: Arrow, material: Material, remarks: _Remarks) -> Edge:
    stations = material.stations
    pairs = [(stations[way.caller].function.id, stations[way.callee].function.id) for way in arrow.ways]
    return Edge(
        tail=tail,
        head=head,
        kind=arrow.kind,
        standing=arrow.standing,
        ways=len(arrow.ways),
        times=arrow.times,
        sites=sum(way.sites for way in arrow.ways),
        certainty=arrow.certainty,
        seen_in=max(way.seen_in for way in arrow.ways),
        through=max(len(way.through) for way in arrow.ways),
        examples=arrow.examples(material),
        remarks=remarks.on_pairs(pairs),
    )


class _Remarks:
    """Numbers the notes in the order in which the picture's parts meet them."""

    def __init__(self, notes: Notes | None, language: str, versions: Mapping[str, str]) -> None:
        self._language = language
        self._functions: dict[str, Note] = {}
        self._pairs: dict[tuple[str, str], Note] = {}
        self._numbers: dict[str, int] = {}
        self.given: list[Remark] = []
        for note in notes.notes if notes is not None else ():
            if not note.applies(versions):
                continue
            if note.anchor.caller:
                self._pairs[note.anchor.caller, note.anchor.function] = note
            else:
                self._functions[note.anchor.function] = note

    def on(self, functions: tuple[str, ...]) -> tuple[int, ...]:
        """The numbers of the notes on ``functions``."""
        return self._given(self._functions[one] for one in functions if one in self._functions)

    def on_pairs(self, pairs: list[tuple[str, str]]) -> tuple[int, ...]:
        """The numbers of the notes on calls."""
        return self._given(self._pairs[pair] for pair in pairs if pair in self._pairs)

    def _given(self, notes: Iterable[Note]) -> tuple[int, ...]:
        numbers = set()
        for note in notes:
            if note.file not in self._numbers:
                self._numbers[note.file] = len(self.given) + 1
                text = note.text(self._language).brief
                self.given.append(Remark(self._numbers[note.file], _anchor(note), text))
            numbers.add(self._numbers[note.file])
        return tuple(sorted(numbers))


def _anchor(note: Note) -> str:
    return " → ".join(map(short, note.anchor.ids))
