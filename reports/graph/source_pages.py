"""The source of the functions in a picture, on pages in a folder beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from pygments.lexers.python import PythonLexer

from reports.graph.inputs import Texts
from reports.source_data import Extent, SourceFile, highlighted, pieces
from reports.visible_text import visible_line
from tracer.model.function import Function

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --ground: #fff; --soft: #595959; --mark: #fbf6e3;
  --k: #7a2058; --s: #00694e; --c: #595959; --m: #7a5200; --f: #0060a8; --d: #6a5a00; --b: #b34700; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --ground: #16181c; --soft: #b4b4b4;
  --mark: #2e2a1c; --k: #e39ac6; --s: #4fcba4; --c: #b4b4b4; --m: #e0ad4e; --f: #6cb8f0; --d: #d6c14a;
  --b: #f2985a; } }
body { margin: 24px auto; padding: 0 16px; max-width: 120ch; color: var(--ink); background: var(--ground);
  font: 15px/1.5 system-ui, 'Noto Sans', 'DejaVu Sans', sans-serif; overflow-wrap: anywhere; }
h2 { font-size: 15px; margin: 28px 0 6px; } section:target h2 { background: var(--mark); }
pre { margin: 0; overflow-x: auto; font: 13px/1.45 'DejaVu Sans Mono', monospace; }
.n { color: var(--soft); user-select: none; } .k { color: var(--k); } .s { color: var(--s); }
.c { color: var(--c); } .m { color: var(--m); } .f { color: var(--f); } .d { color: var(--d); }
.b { color: var(--b); }
"""


def page_links(folder: str, texts: Texts) -> Callable[[Function], str]:
    """Addresses of the pages in ``folder`` that `write_pages` will write; empty where there is no source."""
    known: dict[str, bool] = {}

    def link(function: Function) -> str:
        if not function.file:
            return ""
        if function.file not in known:
            known[function.file] = texts(function.file) is not None
        return (
            f"{quote(folder)}/{quote(_page(function.file))}#L{function.line}" if known[function.file] else ""
        )

    return link


def write_pages(functions: Iterable[Function], texts: Texts, folder: Path) -> int:
    """Write a page for each source file of ``functions`` into ``folder``.

    Args:
        functions: what is shown; a function whose source is not to be had is left out.
        texts: the sources.
        folder: exists, and is empty.

    Returns:
        how many pages there are.
    """
    by_file: dict[str, dict[int, Function]] = {}
    for function in functions:
        if function.file:
            by_file.setdefault(function.file, {})[function.line] = function
    count = 0
    for file, shown in sorted(by_file.items()):
        text = texts(file)
        if text is not None:
            (folder / _page(file)).write_text(_html(file, SourceFile(text), shown), "utf-8")
            count += 1
    return count


def _page(file: str) -> str:
    return file.replace("/", ".") + ".html"


def _html(file: str, source: SourceFile, shown: Mapping[int, Function]) -> str:
    title = escape(visible_line(file))
    sections = []
    for line, function in sorted(shown.items()):
        extent = source.extent(function)
        if extent is not None:
            sections.append(_section(function, line, extent, source))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n{''.join(sections)}</body></html>\n"
    )


def _section(function: Function, line: int, extent: Extent, source: SourceFile) -> str:
    lines = highlighted("\n".join(source.lines[extent.start - 1 : extent.end]), PythonLexer())
    width = len(str(extent.end))
    rows = []
    for number, one in enumerate(lines, extent.start):
        code = "".join(
            f'<span class="{name}">{escape(text)}</span>' if name != "." else escape(text)
            for name, text in pieces(one)
        )
        rows.append(f'<span class="n">{number:>{width}}  </span>{code}')
    name = escape(visible_line(function.qualname))
    return f'<section id="L{line}"><h2>{name}</h2><pre>' + "\n".join(rows) + "</pre></section>\n"
