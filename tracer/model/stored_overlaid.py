"""Overlaid graphs in files: each string once, everything else by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tracer.model.function import Function
from tracer.model.kinds import CallKind, Certainty
from tracer.model.observed import ServicePair
from tracer.model.overlaid import (
    FORMAT_NAME,
    Laid,
    Overlaid,
    OverlaidEdge,
    OverlaidError,
    OverlaidFunction,
    Prediction,
    Reason,
    Sighting,
)
from tracer.model.recording_error import UNREADABLE
from tracer.model.sealed import Seal

FORMAT_VERSION = 1
_REMEDY = "Make one with `stackwalk overlay GRAPH RECORDING --out FILE`."


_SEAL = Seal(FORMAT_NAME, FORMAT_VERSION, "an overlaid graph", _REMEDY, OverlaidError)


def encode_overlaid(graph: Overlaid) -> bytes:
    """The graph in its file format; the same graph always gives the same bytes."""
    return _SEAL.sealed(msgspec.msgpack.encode(_pack(graph)))


def decode_overlaid(data: bytes, name: str = "overlay") -> Overlaid:
    """An overlaid graph from its file format; ``name`` is for messages; see `Overlaid.load`."""
    body = _SEAL.opened(data, name)
    try:
        return _unpack(msgspec.msgpack.decode(body, type=_Stored))
    except (*UNREADABLE, IndexError) as error:
        raise OverlaidError(f"{name} is damaged: {error}", _REMEDY) from error


def read_overlaid(path: Path) -> Overlaid:
    """The overlaid graph in the file at ``path``; see `Overlaid.load`."""
    return decode_overlaid(_SEAL.read(path), str(path))


class _StoredPrediction(msgspec.Struct, array_like=True, frozen=True, gc=False):
    certainty: Certainty
    line: int
    kind: CallKind
    rule: int
    file: int


class _StoredSighting(msgspec.Struct, array_like=True, gc=False):
    times: int
    services: list[tuple[int, int, int]]
    lines: tuple[int, ...]
    seen_in: tuple[int, ...]
    through: list[int]
    first: int
    folded: bool


class _StoredEdge(msgspec.Struct, array_like=True, gc=False):
    caller: int
    callee: int
    kind: CallKind
    predictions: list[_StoredPrediction]
    sighting: _StoredSighting | None
    reason: Reason | None


class _StoredFunction(msgspec.Struct, array_like=True, gc=False):
    id: int
    file: int
    line: int
    read: bool
    services: list[tuple[int, int]]
    seen_in: tuple[int, ...]
    carries: bool


class _Stored(msgspec.Struct):
    """Everything, with each string once in ``texts``."""

    label: str
    recordings: list[Laid]
    texts: list[str]
    functions: list[_StoredFunction]
    edges: list[_StoredEdge]
    carried: list[_StoredEdge]


def _pack(graph: Overlaid) -> _Stored:
    texts: dict[str, int] = {}

    def text(value: str) -> int:
        return texts.setdefault(value, len(texts))

    functions = [
        _StoredFunction(
            text(one.id),
            text(one.function.file),
            one.function.line,
            one.read,
            [(text(service), times) for service, times in one.services],
            one.seen_in,
            one.carries,
        )
        for one in graph.functions.values()
    ]
    edges, carried = ([_pack_edge(edge, text) for edge in kept] for kept in (graph.edges, graph.carried))
    return _Stored(graph.label, list(graph.recordings), list(texts), functions, edges, carried)


def _pack_edge(edge: OverlaidEdge, text: Callable[[str], int]) -> _StoredEdge:
    return _StoredEdge(
        text(edge.caller),
        text(edge.callee),
        edge.kind,
        [
            _StoredPrediction(one.certainty, one.line, one.kind, text(one.rule), text(one.file))
            for one in edge.predictions
        ],
        _pack_sighting(edge.sighting, text) if edge.sighting else None,
        edge.reason,
    )


def _unpack_edge(edge: _StoredEdge, texts: Sequence[str]) -> OverlaidEdge:
    return OverlaidEdge(
        texts[edge.caller],
        texts[edge.callee],
        edge.kind,
        tuple(
            Prediction(one.certainty, one.line, one.kind, texts[one.rule], texts[one.file])
            for one in edge.predictions
        ),
        _unpack_sighting(edge.sighting, texts) if edge.sighting else None,
        edge.reason,
    )


def _pack_sighting(seen: Sighting, text: Callable[[str], int]) -> _StoredSighting:
    return _StoredSighting(
        seen.times,
        [(text(pair.caller), text(pair.callee), pair.times) for pair in seen.services],
        seen.lines,
        seen.seen_in,
        [text(frame) for frame in seen.through],
        seen.first,
        seen.folded,
    )


def _unpack_sighting(stored: _StoredSighting, texts: Sequence[str]) -> Sighting:
    return Sighting(
        stored.times,
        tuple(ServicePair(texts[caller], texts[callee], times) for caller, callee, times in stored.services),
        stored.lines,
        stored.seen_in,
        tuple(texts[frame] for frame in stored.through),
        stored.first,
        stored.folded,
    )


def _unpack(stored: _Stored) -> Overlaid:
    texts = stored.texts
    functions = [
        OverlaidFunction(
            Function(texts[one.id], texts[one.file], one.line),
            one.read,
            tuple((texts[service], times) for service, times in one.services),
            one.seen_in,
            one.carries,
        )
        for one in stored.functions
    ]
    edges, carried = ([_unpack_edge(edge, texts) for edge in kept] for kept in (stored.edges, stored.carried))
    return Overlaid(stored.label, stored.recordings, functions, edges, carried)
