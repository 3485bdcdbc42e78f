"""Every format says the same, its own reader accepts it, and no name can upset it."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.canvas.conversion import PROGRAM
from reports.graph.links import template_links
from reports.graph.material import from_source
from reports.graph.renderer import FORMATS
from reports.graph.view import View
from reports.visible_text import visible_line
from tests.reports.browser import chromium
from tests.reports.flow.boxes import NAMESPACE
from tests.reports.flow.requests import ODD_NAMES
from tests.reports.graph.graphs import UNITS, compared_shop, named_graph, shop, view_of
from tests.reports.mermaid import drawn_by_mermaid
from tracer.model.function import Function
from tracer.terminal.errors import UserError

ODD = [name.partition(":")[2] for name in ODD_NAMES if name]
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
needs_pictures = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"{PROGRAM} is not installed")
pytestmark = needs_dot


def rendered(name: str, view: View) -> bytes:
    return FORMATS[name].render(view)


def drawn_by_graphviz(dot: bytes) -> list[str]:
    """The texts that graphviz shows."""
    done = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    shown = re.findall(r"<text[^>]*>([^<]*)</text>", done.stdout.decode("utf-8"))
    return [html.unescape(text).replace("\u00a0", " ") for text in shown]


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_same_graph_gives_the_same_bytes(name: str) -> None:
    if name in ("png", "pdf") and shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    assert rendered(name, view_of(compared_shop())) == rendered(name, view_of(compared_shop()))


@pytest.mark.parametrize("unit", UNITS)
def test_graphviz_reads_dot_and_finds_every_node_and_edge(unit: object) -> None:
    view = view_of(compared_shop(), unit=unit)
    done = subprocess.run(
        ["dot", "-Tjson0"], input=rendered("dot", view), capture_output=True, timeout=60, check=True
    )
    read = json.loads(done.stdout)
    nodes = [one for one in read["objects"] if "function" in one]
    assert len(nodes) == len(view.nodes)
    assert len(read["edges"]) == len(view.edges)
    by_number = {one["name"]: one["function"] for one in nodes}
    assert set(by_number.values()) == {node.functions[0] for node in view.nodes}
    kinds = sorted((one["kind"], one["standing"]) for one in read["edges"])
    assert kinds == sorted((str(edge.kind), str(edge.standing)) for edge in view.edges)


def test_networkx_reads_graphml_and_json_with_all_evidence() -> None:
    view = view_of(compared_shop())
    graphml = networkx.read_graphml(io.BytesIO(rendered("graphml", view)), force_multigraph=True)
    linked = networkx.node_link_graph(json.loads(rendered("json", view)), edges="edges")
    for graph in (graphml, linked):
        assert graph.is_directed()
        assert set(graph.nodes) == {node.key for node in view.nodes}
        evidence = {
            (a, b, data["kind"], data["standing"], data["times"]) for a, b, data in graph.edges(data=True)
        }
        assert evidence == {
            (view.nodes[e.tail].key, view.nodes[e.head].key, str(e.kind), str(e.standing), e.times)
            for e in view.edges
        }
    assert linked.nodes["nova-compute depot.store:Store.pack"]["functions"] == ["depot.store:Store.pack"]
    assert graphml.nodes["nova-compute depot.store:Store.pack"]["file"] == "depot/store.py"


def test_graphml_has_the_form_of_its_specification() -> None:
    root = ET.fromstring(rendered("graphml", view_of(shop())))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert root.tag == f"{space}graphml"
    declared = {key.get("id"): (key.get("for"), key.get("attr.type")) for key in root.iter(f"{space}key")}
    nodes = {node.get("id") for node in root.iter(f"{space}node")}
    for holder in ("graph", "node", "edge"):
        for element in root.iter(f"{space}{holder}"):
            for data in element.findall(f"{space}data"):
                assert declared[data.get("key")][0] == holder
    for edge in root.iter(f"{space}edge"):
        assert {edge.get("source"), edge.get("target")} <= nodes


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="chromium and chromedriver are not installed")
def test_mermaid_reads_its_text_and_shows_every_name(mermaid_script: Path, tmp_path: Path) -> None:
    odd = view_of(from_source(named_graph(ODD)))
    texts = [rendered("mermaid", view).decode() for view in (view_of(compared_shop()), odd)]
    drawn, drawn_odd = drawn_by_mermaid(texts, mermaid_script, tmp_path)
    assert [node.name for node in view_of(shop()).nodes if node.name not in drawn] == []
    words = ("cast", "RPC call", "seen, not predicted", "nova-compute")
    assert [word for word in words if word not in drawn] == []
    without_joiners = drawn_odd.replace("\u2060", "")
    assert [name for name in ODD if visible_line(name) not in without_joiners] == []


TROUBLE = "\"'<>&\\;#%{}[]|-\u202e\u200f\x00\n\r\t"
names = st.text(min_size=1, max_size=40) | st.text(TROUBLE, min_size=1, max_size=12)


@given(st.lists(names, min_size=2, max_size=6, unique_by=visible_line))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_name_is_shown_literally_by_the_readers_of_every_format(odd: list[str]) -> None:
    view = view_of(from_source(named_graph(odd)))
    shown = [visible_line(node.name) for node in view.nodes]
    drawn = drawn_by_graphviz(rendered("dot", view))
    spaced = [name.replace("\u00a0", " ") for name in shown]
    assert [name for name in spaced if name.strip() and name not in drawn] == []
    graphml = networkx.read_graphml(io.BytesIO(rendered("graphml", view)), force_multigraph=True)
    assert len(graphml) == len(view.nodes)
    linked = networkx.node_link_graph(json.loads(rendered("json", view)), edges="edges")
    assert {data["label"] for _, data in linked.nodes(data=True)} == {node.name for node in view.nodes}
    root = ET.fromstring(rendered("svg", view))
    boxes = [g for g in root.iter(f"{NAMESPACE}g") if g.get("class") == "node"]
    text = ["".join(t.text or "" for t in g.iter(f"{NAMESPACE}text")).replace(" ", "") for g in boxes]
    for name in shown:
        whole = name.replace(" ", "")
        assert any(whole in one or ("…" in one and whole.startswith(one[:20])) for one in text), name


def test_names_that_were_cut_stand_whole_beneath_the_picture() -> None:
    view = view_of(from_source(named_graph(["x" * 300, "short"])))
    root = ET.fromstring(rendered("svg", view))
    said = [g for g in root.iter(f"{NAMESPACE}g") if g.get("class") == "statements"]
    assert "x" * 300 in "".join(t.text or "" for g in said for t in g.iter(f"{NAMESPACE}text"))


@needs_pictures
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_pdf_has_text_that_can_be_selected(tmp_path: Path) -> None:
    file = tmp_path / "graph.pdf"
    file.write_bytes(rendered("pdf", view_of(compared_shop())))
    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True)
    assert [node.name for node in view_of(shop()).nodes[:4] if node.name not in done.stdout] == []


@pytest.mark.parametrize("name", ["svg", "dot", "mermaid", "graphml", "json"])
def test_what_is_folded_is_said_in_every_format(name: str) -> None:
    view = view_of(shop(), most=10)
    text = html.unescape(rendered(name, view).decode())
    assert "are folded into" in text
    assert re.search(r"\+\d+ functions", re.sub(r"#43;", "+", text))


def test_addresses_are_filled_in_and_nothing_else_can_be() -> None:
    link = template_links("https://example.org/{package}/{release}/{file}#L{line}", {"shop": "2.1"})
    assert link(Function("shop.web:f", "shop/we b.py", 7)) == "https://example.org/shop/2.1/shop/we%20b.py#L7"
    assert link(Function("depot.store:f", "depot/store.py", 7)) == ""
    assert link(Function("libc:open")) == ""
    wrong_ones = ("{0}", "{file.__class__}", "{line:>9}", "{", "{release!r}")
    for wrong in (*(f"https://x/{one}" for one in wrong_ones), "javascript:{file}"):
        with pytest.raises(UserError, match="source-url"):
            template_links(wrong, {})
