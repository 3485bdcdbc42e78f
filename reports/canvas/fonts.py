"""Whether this machine has the letters that a picture is to be drawn with."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from collections.abc import Iterable

PACKAGE = "fonts-wqy-microhei"


def missing_letters(texts: Iterable[str]) -> str:
    """A sentence on Chinese characters that no font here has, or an empty string.

    Without fontconfig's program nothing is known, and nothing is said.

    Args:
        texts: the words of a picture that is drawn here (PNG, PDF); an SVG is drawn where it is read.
    """
    wide = next((char for text in texts for char in text if _is_chinese(char)), "")
    program = shutil.which("fc-list")
    if not wide or program is None:
        return ""
    found = subprocess.run(
        [program, f":charset={ord(wide):x}", "file"], capture_output=True, check=False, timeout=60
    )
    if found.returncode or found.stdout.strip():
        return ""
    return (
        "No font on this machine has Chinese characters: they are drawn as empty boxes. "
        f"Install the package {PACKAGE}, or write SVG, which is drawn where it is read."
    )


def _is_chinese(char: str) -> bool:
    return char > "\u2e80" and unicodedata.name(char, "").startswith("CJK UNIFIED")
