"""Data as script files: the one way in which a page opened from ``file://`` may load anything."""

from __future__ import annotations

import json
from pathlib import Path


def write_data(path: Path, kind: str, key: int, data: object) -> None:
    """Write ``data`` as a script that hands it to the page.

    Args:
        path: the script file.
        kind: which part of the page's data it is.
        key: which piece of that part.
        data: made of dicts, lists, strings, numbers, None.
    """
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    path.write_text(f'stackwalk.receive("{kind}",{key},{text});\n', "ascii")
