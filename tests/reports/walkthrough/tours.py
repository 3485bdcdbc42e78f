"""Small recordings, notes and graphs that walkthroughs are made from."""

from __future__ import annotations

from pathlib import Path

from reports.walkthrough.renderer import WalkthroughRenderer
from tests.reports.flow.requests import Builder, replaced
from tests.reports.samples import HOSTILE, HUGE, hostile_recording, shop_recording
from tracer.model.function import Function
from tracer.model.graph import Call, CallGraph, GraphSummary, Sites
from tracer.model.kinds import CallKind, Certainty
from tracer.model.notes import Anchor, Note, Notes, NoteText
from tracer.model.recording_folder import write_recording
from tracer.model.request_tree import RequestTree
from tracer.terminal.progress import steps


def note(function: str, title: str, chapter: str = "api", caller: str = "") -> Note:
    """A note in English and Chinese."""
    english = NoteText(title, f"What `{title}` does.\n\n- one\n- *two*", "Because.", "Chaos.")
    chinese = NoteText(f"中文 {title}", "发生的事。", "原因。", "后果。")
    return Note(Anchor(function, caller), "x.md", {"en": english, "zh": chinese}, chapter)


SHOP_NOTES = Notes(
    [
        note("customer:buy", "Somebody buys", "client"),
        note("shop:Shop.order", "An order comes in"),
        note("shop:Shop.price", "What it costs"),
        note("depot:Depot.ship", "The parcel leaves", "compute"),
        note("depot:Depot.pack", "Wrapping up", "libvirt"),
        note("gone:function", "Never shown"),
    ]
)


def shop_graph() -> CallGraph:
    """What the shop could do: more than it did."""
    functions = [
        Function("shop:Shop.order", "shop/shop.py", 7),
        Function("shop:Shop.price", "shop/shop.py", 13),
        Function("shop:checked", "shop/shop.py", 19),
        Function("depot:Depot.ship", "shop/depot.py", 6),
        Function("bank:Bank.refund", "bank.py", 3),
        Function("bank:Bank.send_again", "bank.py", 9),
    ]
    calls = [
        Call(
            "shop:Shop.order",
            "depot:Depot.ship",
            "shop/shop.py",
            10,
            CallKind.RPC_CAST,
            Certainty.EXACT,
            "post",
        ),
        Call(
            "shop:Shop.order",
            "bank:Bank.refund",
            "shop/shop.py",
            11,
            CallKind.CALL,
            Certainty.INFERRED,
            "flow",
        ),
        Call(
            "bank:Bank.send_again",
            "depot:Depot.ship",
            "bank.py",
            10,
            CallKind.RPC_CAST,
            Certainty.EXACT,
            "post",
        ),
        Call("shop:Shop.order", "shop:checked", "shop/shop.py", 9, CallKind.CALL, Certainty.BY_NAME, "name"),
    ]
    return CallGraph(GraphSummary("shop=1.0", 2, 6, 40, Sites()), functions, calls)


def shop_tour(folder: Path, language: str = "en", *, single: bool = False, graph: bool = True) -> Path:
    """The shop's walkthrough in ``folder``, where there are several files also every call; its start page."""
    recording = shop_recording(folder / "recording")
    site = folder / "site"
    site.mkdir()
    foretold = shop_graph() if graph else None
    renderer = WalkthroughRenderer(SHOP_NOTES, language, foretold, single=single, every_call=not single)
    return renderer.render(recording, site, steps())


def hostile_tour(folder: Path, *, single: bool = False) -> Path:
    """A walkthrough whose every text tries to be something else."""
    recording = hostile_recording(folder / "recording")
    site = folder / "site"
    site.mkdir()
    text = NoteText(HOSTILE, f"`{HOSTILE}` *{HOSTILE}*", f"- {HOSTILE}\n{HUGE}", "![x](javascript:alert(1))")
    notes = Notes([Note(Anchor("a:b"), "x.md", {"en": text}, HOSTILE)])
    return WalkthroughRenderer(notes, single=single).render(recording, site, steps())


def long_tour(folder: Path) -> Path:
    """A walkthrough of a function of ten thousand lines, every one of which calls another function."""
    b = Builder()
    with b.call("m:long"):
        b.plain(*["m:short"] * 2_000)
    spans = [replaced(one, call_line=5 * one.id) if one.id > 1 else one for one in b.spans]
    source = "def long():\n" + "    short()\n" * 9_999
    functions = [Function("m:long", "m.py", 1), Function("m:short", "m.py", 10_001)]
    tree = RequestTree(b.tree().header, functions, spans)
    recording = write_recording(folder / "recording", tree, sources={"m.py": source.encode()})
    site = folder / "site"
    site.mkdir()
    return WalkthroughRenderer(Notes([])).render(recording, site, steps())
