"""How arrows look: the kind by dashes and head, the evidence by thickness, so that colour is never needed."""

from __future__ import annotations

from dataclasses import dataclass

from reports.canvas.arrows import Head
from tracer.model.kinds import CallKind
from tracer.model.overlaid import Standing


@dataclass(frozen=True)
class Look:
    """The looks of a kind of call, the word beside its arrows, and what it is called in the legend."""

    words: str
    head: Head
    role: str
    dash: str = ""
    tail: bool = False
    """A dot where it begins: the caller waits for an answer from elsewhere."""
    word: str = ""


LOOKS: dict[CallKind, Look] = {
    CallKind.CALL: Look("call", "filled", "line-local"),
    CallKind.CALLBACK: Look("called back: handed over, called by another", "hollow", "line-callback"),
    CallKind.SPAWN: Look("given to another thread", "hollow", "line-spawn", "2 3", word="spawn"),
    CallKind.RPC_CAST: Look("RPC cast, not answered", "open", "line-cast", "9 4", word="cast"),
    CallKind.RPC_CALL: Look("RPC call, answered", "filled", "line-call", "9 4", tail=True, word="RPC call"),
    CallKind.RPC_FANOUT: Look("RPC fanout, to all", "double", "line-fanout", "9 4", word="fanout"),
    CallKind.REST: Look("HTTP request", "filled", "line-http", "14 3 3 3", tail=True, word="HTTP"),
    CallKind.REMOTE_OBJECT: Look(
        "method of a remote object", "round", "line-object", "9 4", tail=True, word="object"
    ),
    CallKind.PLUGIN: Look("to what configuration names", "diamond", "line-plugin", "5 3", word="plugin"),
    CallKind.PRIVSEP: Look(
        "into the privileged helper", "diamond", "line-privsep", "9 3 2 3", tail=True, word="privileged"
    ),
    CallKind.NATIVE: Look("into C code", "square", "line-native", word="C"),
}
"""By kind; those that are not here are drawn as plain calls."""

PLAIN_THICKNESS = 1.2
THICKNESS = {Standing.CONFIRMED: 2.2, Standing.NOT_TAKEN: 0.8, Standing.UNPREDICTED: 3.8}
"""Where predictions and sightings are compared."""
HOLLOW = 1.6
"""Thickness of the ground within an arrow that was seen and not predicted: it looks like a double line."""
