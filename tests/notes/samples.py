"""Notes, recordings and sources made for the tests."""

from __future__ import annotations

from pathlib import Path

from tracer.model.function import Function
from tracer.model.kinds import Link
from tracer.model.recording_folder import write_recording
from tracer.model.request_tree import RecordingHeader, RequestTree, Span

PART = """
# {language}: {title}

## what

{title} does a thing. Then it does another.

## why

So that it is done.

## without

It would not be done.
"""


def note(anchor: str, *languages: str, more: str = "", title: str = "A title") -> str:
    """The text of a note."""
    parts = "".join(PART.format(language=language, title=title) for language in languages or ("en",))
    return f"---\nanchor: {anchor}\n{more}---\n{parts}"


def write_notes(folder: Path, *texts: str) -> Path:
    """Write notes named 0.md, 1.md, ... into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}.md").write_text(text, encoding="utf-8", newline="")
    return folder


def record(folder: Path, calls: dict[str, str], versions: dict[str, str] | None = None) -> Path:
    """Write a recording in which each function of ``calls`` ran under another, the root under none."""
    names = list(calls)
    spans = [
        Span(
            number,
            names.index(calls[name]) + 1 if calls[name] else 0,
            number - 1,
            "shop",
            1,
            "MainThread",
            number,
            1_000 - number,
            link=Link.RPC_CAST if name.endswith("_rpc") else Link.PLAIN,
        )
        for number, name in enumerate(names, 1)
    ]
    header = RecordingHeader(
        "test", "", "ab" * 16, 0, "", len(spans), len(names), {}, {}, [], [], [], versions or {}
    )
    write_recording(folder, RequestTree(header, [Function(name, "shop.py", 1) for name in names], spans))
    return folder
