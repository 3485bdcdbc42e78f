"""The picture: nothing over another, nothing cut, readable without colour, the same bytes every time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest

from reports.canvas.shapes import Line
from reports.canvas.svg import svg_document, svg_element, svg_pages
from reports.flow.build import build_flow
from reports.flow.layout import TimeScale, lay_out
from reports.flow.looks import LOOKS, arrow
from reports.flow.model import Flow, Kind
from reports.flow.selection import Level
from tests.reports.browser import browser, chromium
from tests.reports.flow.boxes import NAMESPACE, bars, collisions, in_order, size, texts
from tests.reports.flow.requests import EPOCH, EVENTS, MS, ODD_NAMES, boot_request, odd_request, random_tree
from tracer.model.hypervisor import HypervisorEvent

NOTES = {
    "app.driver:Driver.spawn": "Disk, network and XML come together.\n" + "What fails here is undone. " * 12,
    "app.guest:Guest.create": "从这里开始 虚拟机真正运行" * 9,
    "libvirt:virDomain.createWithFlags": "x" * 300,
}


def flows() -> dict[str, Flow]:
    made = {f"boot-{level}": build_flow(boot_request(), level, events=EVENTS) for level in Level}
    made |= {f"random-{level}": build_flow(random_tree(900, seed=5), level) for level in Level}
    made["notes"] = build_flow(boot_request(), Level.PHASES, events=EVENTS, notes=NOTES)
    made["odd"] = build_flow(odd_request(), Level.FUNCTIONS, notes={name: name * 3 for name in ODD_NAMES})
    return made


FLOWS = flows()
ALL = pytest.mark.parametrize("name", list(FLOWS))


@cache
def document(name: str, time: TimeScale = TimeScale.EVEN) -> str:
    return svg_document(lay_out(FLOWS[name], time))


@ALL
@pytest.mark.parametrize("time", list(TimeScale))
def test_no_text_lies_over_another_or_over_a_bar_or_leaves_the_picture(name: str, time: TimeScale) -> None:
    svg = document(name, time)
    width, height = size(svg)
    placed = texts(svg)
    assert collisions(placed) == []
    assert collisions(texts(svg, without="header"), bars(svg)) == []
    assert [t.what for t in placed if t.left < 0 or t.top < 0 or t.right > width or t.bottom > height] == []


@ALL
def test_later_rows_stand_lower(name: str) -> None:
    root = ET.fromstring(document(name))
    rows = [g for g in root.iter(f"{NAMESPACE}g") if g.get("class") in ("step", "answer")]
    assert in_order([float(next(g.iter(f"{NAMESPACE}text")).get("y", "0")) for g in rows])


@pytest.mark.skipif(chromium() is None, reason="chromium and chromedriver are not installed")
@pytest.mark.browser
def test_a_real_browser_measures_no_more_than_was_reckoned(tmp_path: Path) -> None:
    measure = """
        const all = [...document.querySelectorAll('text')].map((text) => {
            const box = text.getBBox();
            return [text.textContent, box.x, box.y, box.width, box.height];
        });
        const {width, height} = document.documentElement;
        return [all, width.baseVal.value, height.baseVal.value];
    """
    with browser(tmp_path / "profile") as page:
        for name in FLOWS:
            file = tmp_path / f"{name}.svg"
            file.write_text(document(name), "utf-8")
            page.driver.get(file.as_uri())
            drawn, width, height = page.script(measure)
            reckoned = texts(file.read_text("utf-8"))
            assert [text for text, *_ in drawn] == [rect.what for rect in reckoned]
            wider = [
                (text, box_width, rect.right - rect.left)
                for (text, _, _, box_width, _), rect in zip(drawn, reckoned, strict=True)
                if box_width > (rect.right - rect.left) * 1.02 + 1
            ]
            assert wider == []
            assert [t for t, x, y, w, h in drawn if x < 0 or y < 0 or x + w > width or y + h > height] == []


def test_every_kind_of_arrow_differs_without_colour() -> None:
    looks = {}
    for kind, look in LOOKS.items():
        shapes = arrow(((0.0, 0.0), (100.0, 0.0)), look, "one-role")
        dashes = next(shape.dash for shape in shapes if isinstance(shape, Line))
        looks[kind] = (look.head, dashes, look.tail, look.thickness >= 2)
    by_place = {Kind.LOCAL, Kind.START}  # one stays in its lane, the other comes from outside of all lanes
    assert len({look for kind, look in looks.items() if kind not in by_place}) == len(LOOKS) - len(by_place)


def test_colours_keep_their_contrast_in_light_and_dark() -> None:
    style = re.search(r"<style>(.*?)</style>", document("boot-phases"), re.DOTALL)
    assert style
    themes = re.findall(r"\.canvas \{ (--canvas-ground:[^}]*)\}", style[1])
    assert len(themes) == 2
    for theme in themes:
        colours = dict(re.findall(r"--canvas-([\w-]+): (#\w{6});", theme))
        for role in ("ink", "muted", *(role for role in colours if role.startswith("line-"))):
            assert _contrast(colours[role], colours["ground"]) >= 4.5, role
        for role in ("note", "node", "fold", "service", "badge"):
            assert _contrast(colours["ink"], colours[role]) >= 4.5, role
        for role in ("node", "fold", "module", "service"):
            assert _contrast(colours["muted"], colours[role]) >= 4.5, role
        assert _contrast(colours["muted"], colours["header"]) >= 4.5


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_odd_names_are_text_and_nothing_else() -> None:
    svg = document("odd")
    root = ET.fromstring(svg)
    assert {element.tag.removeprefix(NAMESPACE) for element in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "g", "text", "polyline", "polygon", "circle",
    }  # fmt: skip
    whole = "".join(root.itertext())
    assert "<script>alert(1)</script>" in whole
    assert "f.<locals>.<lambda>" in whole
    assert "⟦U+202E⟧" in whole
    assert not re.search("[\x00-\x08\u202e\u2028]", svg)


def test_long_names_are_whole_somewhere() -> None:
    longest = max(ODD_NAMES, key=len)
    texts_of = [element.text or "" for element in ET.fromstring(document("odd")).iter(f"{NAMESPACE}text")]
    assert longest in "".join(texts_of)


def test_long_diagrams_repeat_the_names_of_their_lanes() -> None:
    drawing = lay_out(FLOWS["random-functions"])
    headers = [group.top for group in drawing.groups if group.name == "header"]
    assert len(headers) == len(drawing.breaks) + 1
    assert len(headers) > 3
    pages = svg_pages(drawing)
    assert len(pages) == len(headers)
    for page in pages:
        assert [lane.name for lane in FLOWS["random-functions"].lanes if f">{lane.name}<" not in page] == []


def test_a_diagram_of_services_is_one_page() -> None:
    assert len(svg_pages(lay_out(FLOWS["random-services"]))) == 1


def test_time_to_scale_moves_rows_apart_by_the_time_between_them() -> None:
    drawing = lay_out(FLOWS["boot-services"], TimeScale.SCALE)
    tops = {group.step: group.top for group in drawing.groups if group.name == "step"}
    steps = {step.label: step for step in FLOWS["boot-services"].steps}
    wait = tops[steps["started (booted)"].number] - tops[steps["virDomain.createWithFlags"].number]
    even = lay_out(FLOWS["boot-services"])
    tops_even = {group.step: group.top for group in even.groups if group.name == "step"}
    assert wait > 3 * (
        tops_even[steps["started (booted)"].number] - tops_even[steps["virDomain.createWithFlags"].number]
    )


def test_several_diagrams_can_stand_in_one_page() -> None:
    element = svg_element(lay_out(FLOWS["boot-phases"]), with_style=False)
    assert element.startswith("<svg ")
    assert " id=" not in element
    assert "<style" not in element
    assert 'role="img" aria-label="create: the main phases"' in element


def test_the_same_recording_gives_the_same_bytes_in_every_process() -> None:
    program = (
        "import sys, hashlib\n"
        "from tests.reports.flow.requests import random_tree\n"
        "from reports.flow.build import build_flow\n"
        "from reports.flow.selection import Level\n"
        "from reports.flow.layout import TimeScale\n"
        "from reports.flow.renderer import FORMATS\n"
        "tree = random_tree(3000)\n"
        "for level in Level:\n"
        "    flow = build_flow(tree, level)\n"
        "    for name in ('svg', 'mermaid', 'plantuml'):\n"
        "        print(hashlib.sha256(FORMATS[name](TimeScale.SCALE).render(flow)).hexdigest())\n"
    )
    root = Path(__file__).parents[3]
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_what_is_folded_is_stated_in_the_picture_itself() -> None:
    flow = build_flow(random_tree(10_000), Level.FUNCTIONS, steps=300)
    whole = "".join(ET.fromstring(svg_document(lay_out(flow))).itertext())
    assert "300 steps stand for 10,000 calls" in whole
    assert re.search(r"[\d,]+ calls? inside", whole)


def test_a_guest_has_a_bar_while_it_runs() -> None:
    def guest_bar(*events: HypervisorEvent) -> tuple[float, float]:
        drawing = lay_out(build_flow(boot_request(), Level.SERVICES, events=events))
        bar = next(group for group in drawing.groups if group.title == "guest instance-1")
        return bar.top, bar.bottom

    stopped = HypervisorEvent(EPOCH + 205 * MS, "stopped", "destroyed", "instance-1")
    (begin, end), (open_begin, open_end) = guest_bar(*EVENTS, stopped), guest_bar(*EVENTS)
    assert begin == open_begin
    assert end < open_end
