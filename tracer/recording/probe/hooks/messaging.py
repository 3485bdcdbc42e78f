"""RPC over oslo.messaging: the link's key travels in the message's context dictionary."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ..attach import Attach, replace
from ..session import Session
from ..traceparent import parse
from .outgoing import announce, answer, answered

KEY = "stackwalk_traceparent"
"""Not ``traceparent``: that one oslo.messaging uses itself where its own tracing is on."""


def hooks(session: Session) -> dict[str, Attach]:
    """The hooks of the sending and of the receiving end."""
    return {
        "oslo_messaging.transport": lambda module: _attach_sending(session, module),
        "oslo_messaging.rpc.server": lambda module: _attach_receiving(session, module),
    }


def _attach_sending(session: Session, module: Any) -> None:
    def make(original: Any) -> Any:
        def _send(self: Any, target: Any, ctxt: Any, message: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(ctxt, dict):
                link = _link(target, kwargs.get("wait_for_reply") or (args and args[0]))
                traceparent = announce(session, link, _method(message))
                if traceparent is not None:
                    reply = original(self, target, {**ctxt, KEY: traceparent}, message, *args, **kwargs)
                    if link == "rpc-call":
                        answered(session, traceparent)
                    return reply
            return original(self, target, ctxt, message, *args, **kwargs)

        return _send

    replace(module.Transport, "_send", make)


def _link(target: Any, wait_for_reply: object) -> str:
    if wait_for_reply:
        return "rpc-call"
    return "rpc-fanout" if getattr(target, "fanout", None) else "rpc-cast"


def _method(message: Any) -> str:
    method = message.get("method") if isinstance(message, dict) else None
    return method if isinstance(method, str) else ""


def _attach_receiving(session: Session, module: Any) -> None:
    def make(original: Any) -> Any:
        def _process_incoming(self: Any, incoming: Any) -> Any:
            link = _take_link(incoming)
            if link is None:
                return original(self, incoming)
            _watch_reply(session, link, incoming)
            token = session.enter(*link)
            try:
                return original(self, incoming)
            finally:
                session.leave(token)

        return _process_incoming

    replace(module.RPCServer, "_process_incoming", make)


def _watch_reply(session: Session, link: tuple[str, str], incoming: Any) -> None:
    message = incoming[0] if isinstance(incoming, list) else incoming
    original = getattr(message, "reply", None)
    if original is None:
        return

    def reply(*args: Any, **kwargs: Any) -> Any:
        answer(session, "answering", link)
        return original(*args, **kwargs)

    with suppress(AttributeError):
        message.reply = reply


def _take_link(incoming: Any) -> tuple[str, str] | None:
    message = incoming[0] if isinstance(incoming, list) and incoming else incoming
    context = getattr(message, "ctxt", None)
    if not isinstance(context, dict):
        return None
    return parse(context.pop(KEY, None))
