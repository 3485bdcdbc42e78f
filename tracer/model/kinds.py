"""The closed vocabularies: kinds of calls, links between spans, outcomes, certainties, lanes."""

from __future__ import annotations

from enum import StrEnum


class CallKind(StrEnum):
    """How control gets from a caller to a callee."""

    CALL = "call"
    SUPER = "super"
    PROPERTY = "property"
    DECORATOR = "decorator"
    CONTEXT = "context"
    CALLBACK = "callback"
    SPAWN = "spawn"
    RPC_CAST = "rpc-cast"
    RPC_CALL = "rpc-call"
    RPC_FANOUT = "rpc-fanout"
    REST = "rest"
    REMOTE_OBJECT = "remote-object"
    PLUGIN = "plugin"
    PRIVSEP = "privsep"
    NATIVE = "native"


class Certainty(StrEnum):
    """How sure a static rule is of the edge it found."""

    EXACT = "exact"
    INFERRED = "inferred"
    BY_NAME = "by-name"


class Link(StrEnum):
    """How a span came to run under its parent; ``PLAIN`` is an ordinary call on the same stack."""

    PLAIN = ""
    HTTP = "http"
    RPC_CALL = "rpc-call"
    RPC_CAST = "rpc-cast"
    RPC_FANOUT = "rpc-fanout"
    SPAWN = "spawn"
    PRIVSEP = "privsep"
    NATIVE = "native"


class Outcome(StrEnum):
    """How one activation of a function ended."""

    RETURNED = "returned"
    RAISED = "raised"
    YIELDED = "yielded"
    UNFINISHED = "unfinished"
    """The function had not ended when the recording did (or its process was killed)."""


SERVICES: tuple[str, ...] = (
    "client",
    "nova-api",
    "nova-conductor",
    "nova-scheduler",
    "nova-compute",
    "placement",
    "keystone",
    "glance",
    "neutron",
    "privsep",
    "libvirtd",
    "qemu",
)
"""The lanes, in the order in which people expect to see them."""


def lane_order(service: str) -> tuple[int, str]:
    """Sort key that puts the known lanes in their customary order and unknown ones after them, by name."""
    return (SERVICES.index(service) if service in SERVICES else len(SERVICES), service)
