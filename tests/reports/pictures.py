"""Takes the pictures of pages that the README shows.

    python -m tests.reports.pictures PAGE_FOLDER docs/images FUNCTION
    python -m tests.reports.pictures WALKTHROUGH_FOLDER docs/images TITLE

PAGE_FOLDER is what ``stackwalk report`` wrote; the pictures are ``way.png``, the lanes, and ``calls.png``,
the first call of FUNCTION (any part of its id) in the tree with its source. WALKTHROUGH_FOLDER is what
``stackwalk walkthrough`` wrote; the picture is ``walkthrough.png``, the step with the TITLE.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

from tests.reports.browser import Keys, Page, browser

WIDTH, HEIGHT = 1440, 900


def picture(page: Page, file: Path) -> None:
    """Write what is in sight to ``file`` and say how large it is."""
    image = page.driver.execute_cdp_cmd(
        "Page.captureScreenshot", {"format": "png", "optimizeForSpeed": False}
    )
    file.write_bytes(base64.b64decode(image["data"]))
    print(f"{file}: {file.stat().st_size:,} bytes")


def main(folder: Path, images: Path, function: str) -> None:
    """Open the page in ``folder`` and take its pictures into ``images``."""
    images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, browser(Path(profile)) as page:
        page.emulate(width=WIDTH, height=HEIGHT)
        page.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        page.open(folder / "index.html")
        if (folder / "walkthrough.tour").exists():
            page.driver.find_element("link text", function).click()
            page.until(lambda: page.script("return location.hash === document.documentElement.dataset.shown"))
            picture(page, images / "walkthrough.png")
            return
        page.script("document.querySelector('.lanes').scrollIntoView()")
        picture(page, images / "way.png")
        page.one("#show-all").click()
        page.one("#search").send_keys(function, Keys.ENTER)
        page.until(page.selected)
        page.one("#search").clear()
        page.script(
            "document.getElementById('tree').scrollIntoView();"
            "document.querySelector('#inspector .caller').scrollIntoView();"
            "scrollTo(0, document.getElementById('tree').offsetTop - 40)"
        )
        picture(page, images / "calls.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
