"""Every format says the same, and its own reader accepts it."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import pytest

from reports.canvas.conversion import PROGRAM
from reports.flow.build import build_flow
from reports.flow.layout import TimeScale
from reports.flow.model import Flow
from reports.flow.pictures import PdfRenderer, PngRenderer
from reports.flow.renderer import FORMATS
from reports.flow.selection import Level
from tests.reports.browser import chromium
from tests.reports.flow.requests import EVENTS, ODD_NAMES, boot_request, odd_request, random_tree
from tests.reports.mermaid import drawn_by_mermaid
from tracer.terminal.errors import UserError

SAID = [
    "POST /v2.1/servers",
    "virDomain.createWithFlags",
    "object_action",
    "started (booted)",
    "GET /v2/images/7/file",
]
ODD_SAID = [
    "<script>alert(1)</script>",
    "f.<locals>.<lambda>",
    "arrow->>x-->>y: colon end note @enduml",
    "percent%%comment;semicolon#hash{brace}[bracket]",
    "back\\slash\\n&amp;&#35;~tilde~__under__**bold**//italic//",
    "名前.метод.ναί",
    "x" * 300,
]
NOTES = {name: f"{name}\nend note" for name in ODD_NAMES}

needs_pictures = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"{PROGRAM} is not installed")


@pytest.fixture(scope="module")
def boot() -> Flow:
    return build_flow(boot_request(), Level.FUNCTIONS, events=EVENTS, notes={"app.api:API.create": "A note."})


@pytest.fixture(scope="module")
def odd() -> Flow:
    return build_flow(odd_request(), Level.FUNCTIONS, notes=NOTES)


def rendered(name: str, flow: Flow) -> bytes:
    return FORMATS[name](TimeScale.EVEN).render(flow)


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_same_diagram_gives_the_same_bytes(name: str, boot: Flow) -> None:
    if name in ("png", "pdf") and shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    assert rendered(name, boot) == rendered(name, boot)


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="chromium and chromedriver are not installed")
def test_mermaid_reads_its_text_and_shows_every_name(
    mermaid_script: Path, boot: Flow, odd: Flow, tmp_path: Path
) -> None:
    texts = [rendered("mermaid", flow).decode() for flow in (boot, odd)]
    drawn = drawn_by_mermaid(texts, mermaid_script, tmp_path)
    assert [said for said in SAID if said not in drawn[0]] == []
    assert [said for said in ODD_SAID if said not in drawn[1]] == []


@pytest.mark.skipif(shutil.which("plantuml") is None, reason="plantuml is not installed")
def test_plantuml_reads_its_text_and_shows_every_name(boot: Flow, odd: Flow, tmp_path: Path) -> None:
    for name, flow in (("boot", boot), ("odd", odd)):
        (tmp_path / f"{name}.puml").write_bytes(rendered("plantuml", flow))
    command = ["plantuml", "-tsvg", "-charset", "UTF-8", *map(str, sorted(tmp_path.glob("*.puml")))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for name, said in (("boot", SAID), ("odd", ODD_SAID)):
        svg = (tmp_path / f"{name}.svg").read_text("utf-8")
        whole = html.unescape("\n".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))).replace("\u00a0", " ")
        assert [one for one in said if one not in whole] == []


@pytest.mark.parametrize("name", ["mermaid", "plantuml"])
def test_texts_hold_every_message_and_what_was_folded(name: str, boot: Flow) -> None:
    text = rendered(name, boot).decode()
    for step in boot.steps:
        assert f"{step.number}." in text
    assert "into the step that made them" in text
    assert "A note." in text


@needs_pictures
def test_png_is_a_picture_of_twice_the_size(boot: Flow) -> None:
    png = PngRenderer().render(boot)
    root = ET.fromstring(FORMATS["svg"](TimeScale.EVEN).render(boot))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert abs(wide - 2 * float(root.get("width", "0"))) <= 2
    assert abs(high - 2 * float(root.get("height", "0"))) <= 2
    assert zlib.crc32(png[12:29]) == int.from_bytes(png[29:33], "big")


@needs_pictures
def test_a_diagram_too_long_for_png_is_refused_with_a_way_out() -> None:
    flow = build_flow(random_tree(4_000), Level.FUNCTIONS)
    with pytest.raises(UserError, match="a PNG can hold") as caught:
        PngRenderer().render(flow)
    assert "--steps" in caught.value.remedy


@needs_pictures
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_pdf_has_pages_whose_text_can_be_selected(boot: Flow, tmp_path: Path) -> None:
    file = tmp_path / "flow.pdf"
    file.write_bytes(PdfRenderer().render(boot))
    done = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    pages = done.stdout.split("\f")
    assert len(pages) > 1
    assert [said for said in SAID if said not in done.stdout] == []
    for page in pages[:2]:
        assert "nova-scheduler" in page


def test_a_missing_converter_is_named(boot: Flow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=PROGRAM) as caught:
        PdfRenderer().render(boot)
    assert "librsvg2-bin" in caught.value.remedy
