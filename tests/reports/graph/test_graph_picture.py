"""The picture: nothing over another, nothing cut, readable without colour."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from functools import cache

import pytest
from msgspec.structs import replace

from reports.canvas.shapes import Curve
from reports.canvas.svg import svg_document
from reports.graph.build import build_view
from reports.graph.choice import Unit, Wish
from reports.graph.looks import LOOKS
from reports.graph.material import Material, from_source
from reports.graph.pictures import drawn
from reports.graph.strokes import stroke
from reports.graph.view import DOUBT_WORDS, View
from tests.reports.flow.boxes import NAMESPACE, Rect, collisions, size, texts
from tests.reports.flow.requests import ODD_NAMES
from tests.reports.graph.graphs import compared_shop, named_graph, random_graph, shop, view_of
from tracer.model.kinds import CallKind, Certainty
from tracer.model.overlaid import Standing

pytestmark = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")

VIEWS = {
    "shop": lambda: view_of(shop()),
    "classes": lambda: view_of(shop(), unit=Unit.CLASS),
    "compared": lambda: view_of(compared_shop()),
    "way": lambda: view_of(shop(), start="Counter.order", goal="Hook.pull"),
    "folded": lambda: view_of(from_source(random_graph(400, 700)), most=40),
    "odd": lambda: view_of(from_source(named_graph([n.partition(":")[2] or "empty" for n in ODD_NAMES]))),
    "wide": lambda: build_view(
        from_source(random_graph(400, 700)), Wish(around="method_7", depth=2, most=50)
    ),
}
ALL = pytest.mark.parametrize("name", list(VIEWS))


@cache
def view(name: str) -> View:
    return VIEWS[name]()


@cache
def document(name: str) -> str:
    return svg_document(drawn(view(name)))


def groups(name: str, kind: str) -> list[ET.Element]:
    return [g for g in ET.fromstring(document(name)).iter(f"{NAMESPACE}g") if g.get("class") == kind]


def box_of(group: ET.Element) -> Rect:
    rect = next(group.iter(f"{NAMESPACE}rect"))
    x, y, width, height = (float(rect.get(key, "0")) for key in ("x", "y", "width", "height"))
    return Rect(x, y, x + width, y + height, next(group.iter(f"{NAMESPACE}title")).text or "")


@ALL
def test_no_text_lies_over_another_or_leaves_the_picture(name: str) -> None:
    svg = document(name)
    width, height = size(svg)
    placed = texts(svg)
    assert collisions(placed) == []
    assert [t.what for t in placed if t.left < 0 or t.top < 0 or t.right > width or t.bottom > height] == []


@ALL
def test_boxes_stand_apart_and_hold_their_words(name: str) -> None:
    boxes = groups(name, "node")
    assert len(boxes) == len(view(name).nodes)
    assert collisions([box_of(group) for group in boxes]) == []
    for group in boxes:
        box = box_of(group)
        alone = ET.tostring(group, "unicode")
        inside = texts(f'<svg xmlns="http://www.w3.org/2000/svg">{alone}</svg>')
        assert [one.what for one in inside if one.left < box.left or one.right > box.right] == []


@ALL
def test_every_arrow_is_drawn_and_says_what_it_is(name: str) -> None:
    arrows = groups(name, "edge")
    assert len(arrows) == len(view(name).edges)
    for group, edge in zip(arrows, view(name).edges, strict=True):
        said = next(group.iter(f"{NAMESPACE}title")).text or ""
        assert str(edge.kind) in said
        assert edge.examples[0].split(" (")[0].replace("\n", "") in said.replace("\n", "") or name == "odd"


def test_kinds_and_evidence_differ_without_colour() -> None:
    points = ((0.0, 0.0), (30.0, 0.0), (60.0, 0.0), (90.0, 0.0))
    forms = set()
    for look in LOOKS.values():
        for standing in (None, *Standing):
            shapes = stroke(points, (100.0, 0.0), look, standing)
            lines = tuple((one.thickness, one.dash) for one in shapes if isinstance(one, Curve))
            head = tuple(type(one) for one in shapes if not isinstance(one, Curve)), look.head, look.tail
            forms.add((lines, head))
    assert len(forms) == len(LOOKS) * (len(Standing) + 1)


def test_what_is_unsure_has_bars_and_is_in_the_legend_until_it_was_seen() -> None:
    points = ((0.0, 0.0), (30.0, 0.0), (60.0, 0.0), (90.0, 0.0))
    arrows = [len(stroke(points, (100.0, 0.0), LOOKS[CallKind.CALL], None, doubt)) for doubt in range(3)]
    assert (arrows[1] - arrows[0], arrows[2] - arrows[0]) == (1, 2)
    plain = shop()
    sure = [Certainty.EXACT, Certainty.INFERRED, Certainty.BY_NAME, Certainty.INFERRED]
    ways = [replace(way, certainty=one) for way, one in zip(plain.ways, sure, strict=False)]
    ways[3] = replace(ways[3], times=1)
    material = Material(plain.label, plain.versions, plain.stations, ways, functions=plain.functions)
    drawn_view = view_of(material)
    assert sorted(edge.doubt for edge in drawn_view.edges) == [0, 0, 1, 2]
    svg = svg_document(drawn(drawn_view))
    assert all(words in svg for words in DOUBT_WORDS.values())
    assert not any(words in document("shop") for words in DOUBT_WORDS.values())


def test_the_legend_names_what_occurs_and_nothing_else() -> None:
    def legend(name: str) -> str:
        return " ".join(t.text or "" for g in groups(name, "legend") for t in g.iter(f"{NAMESPACE}text"))

    assert "RPC cast" in legend("shop")
    assert "predicted" not in legend("shop")
    assert "asked for" in legend("way")
    for words in ("seen and predicted", "seen, not predicted", "predicted, not seen", "did not run"):
        assert words in legend("compared")
    assert "folded" in legend("folded")
    assert "RPC fanout" not in legend("odd")


def test_what_begins_a_way_stands_above_what_ends_it() -> None:
    boxes = {box.what.split(" · ")[-1].split("\n")[0]: box for box in map(box_of, groups("way", "node"))}
    assert boxes["Counter.order"].bottom < boxes["Desk.take"].top < boxes["Hook.pull"].top


def test_boxes_lead_to_their_source() -> None:
    made = build_view(shop(), Wish(), href=lambda function: f"https://x/{function.file}?a=1&b=2")
    root = ET.fromstring(svg_document(drawn(made)))
    links = {a.get("href") for a in root.iter(f"{NAMESPACE}a")}
    assert links == {f"https://x/{node.file}?a=1&b=2" for node in made.nodes}
