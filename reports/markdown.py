"""The Markdown that notes are written in, as plain data: paragraphs and lists of text, code and emphasis.

No HTML is made of it, so none can be smuggled through it: what looks like markup stays text.
"""

from __future__ import annotations

import re

from reports.visible_text import visible

_INLINE = re.compile(r"`(?P<code>[^`\n]+)`|\*\*(?P<strong>[^*\n]+)\*\*|\*(?P<em>[^*\s](?:[^*\n]*[^*\s])?)\*")
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.)\s+")
_WIDE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_WIDE_BREAK = re.compile(rf"(?<={_WIDE})\n(?={_WIDE})")

Inline = list[list[str]]
"""Pieces of a line: [kind, text], kind being ``t``, ``code``, ``strong`` or ``em``."""
Block = list[object]
"""``["p", inline]`` or ``["ul", [inline, ...]]``."""


def blocks(text: str) -> list[Block]:
    """The blocks of a Markdown text."""
    result: list[Block] = []
    for part in re.split(r"\n\s*\n", visible(text).strip()):
        lines = part.split("\n")
        if _ITEM.match(lines[0]):
            items: list[str] = []
            for line in lines:
                if _ITEM.match(line):
                    items.append(_ITEM.sub("", line, count=1))
                else:
                    items[-1] += "\n" + line.strip()
            result.append(["ul", [inline(item) for item in items]])
        elif part.strip():
            result.append(["p", inline(part)])
    return result


def inline(text: str) -> Inline:
    """The pieces of one paragraph; line breaks become spaces, or nothing between Chinese characters."""
    text = " ".join(_WIDE_BREAK.sub("", text).split())
    pieces: Inline = []
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            pieces.append(["t", text[at : match.start()]])
        kind = match.lastgroup or "t"
        pieces.append([kind, match[kind]])
        at = match.end()
    if at < len(text):
        pieces.append(["t", text[at:]])
    return pieces


def plain(text: str) -> str:
    """The words of a Markdown text without marks."""
    return " ".join(piece for block in blocks(text) for piece in _words(block))


def _words(block: Block) -> list[str]:
    kind, content = block
    assert isinstance(content, list)
    lines = content if kind == "ul" else [content]
    return ["".join(text for _, text in line) for line in lines]
