"""Mermaid as its readers have it: in a real browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.reports.browser import browser
from tracer.reading.tar_files import unpack_files

MERMAID = "mermaid@11.4.1"
_DRAW = """
    const [texts, done] = arguments;
    mermaid.initialize({startOnLoad: false, maxTextSize: 1e7, maxEdges: 1e4});
    (async () => {
        const all = [];
        for (const [number, text] of texts.entries()) {
            await mermaid.parse(text);
            const {svg} = await mermaid.render('drawn' + number, text);
            const parsed = new DOMParser().parseFromString(svg, 'text/html');
            const words = parsed.querySelectorAll('text, .nodeLabel, .edgeLabel');
            all.push([...words].map((one) => one.textContent).join('\\n'));
        }
        return all;
    })().then(done, (error) => done(String(error)));
"""


def fetched_script(folder: Path) -> Path:
    """Mermaid's script in ``folder``, fetched with npm when it is not there; skips without npm."""
    script = folder / "package" / "dist" / "mermaid.min.js"
    if script.exists():
        return script
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed, so Mermaid cannot be had")
    packed = subprocess.run(["npm", "pack", MERMAID], cwd=folder, capture_output=True, text=True, timeout=300)
    if packed.returncode:
        pytest.skip(f"npm could not fetch {MERMAID}")
    name = script.relative_to(folder).as_posix()
    with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
        unpack_files(archive, folder, lambda found: found == name)
    return script


def drawn_by_mermaid(texts: Sequence[str], script: Path, scratch: Path) -> list[str]:
    """The words that Mermaid shows for each of ``texts``; fails when it does not accept one of them."""
    page_file = scratch / "page.html"
    page_file.write_text(
        f"<!doctype html><meta charset=utf-8><script src={json.dumps(script.as_uri())}></script>", "utf-8"
    )
    with browser(scratch / "profile") as page:
        page.driver.set_script_timeout(120)
        page.driver.get(page_file.as_uri())
        drawn = page.driver.execute_async_script(_DRAW, texts)  # type: ignore[no-untyped-call]
    assert isinstance(drawn, list), drawn
    return drawn
