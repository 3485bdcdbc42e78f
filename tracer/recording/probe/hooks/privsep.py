"""Calls into an oslo.privsep helper: the link's key travels as one more element of the message.

A helper without the probe would stumble over that element, so it is sent only to one that has said, in its
answer to
the ping that opens each channel, that it knows it.
"""

from __future__ import annotations

from typing import Any

from ..attach import Attach, replace
from ..session import Session
from ..traceparent import parse
from .outgoing import announce, answer, answered

KNOWS = "stackwalk"
PING, PONG, CALL = 1, 2, 3
"""Of oslo_privsep.comm.Message."""


def hooks(session: Session) -> dict[str, Attach]:
    """The hook of the module that holds both ends."""
    return {"oslo_privsep.daemon": lambda module: _attach(session, module)}


def _attach(session: Session, module: Any) -> None:
    replace(module._ClientChannel, "send_recv", lambda original: _make_send_recv(session, original))
    replace(module.Daemon, "_process_cmd", lambda original: _make_process_cmd(session, original))
    replace(module.Daemon, "run", lambda original: _make_run(session, original))


def _make_send_recv(session: Session, original: Any) -> Any:
    def send_recv(self: Any, msg: Any, *args: Any, **kwargs: Any) -> Any:
        if msg[0] == CALL and getattr(self, "_stackwalk_known", False):
            traceparent = announce(session, "privsep", str(msg[1]))
            if traceparent is not None:
                reply = original(self, (*msg, traceparent), *args, **kwargs)
                answered(session, traceparent)
                return reply
        reply = original(self, msg, *args, **kwargs)
        if msg[0] == PING:
            self._stackwalk_known = len(reply) > 1 and reply[1] == KNOWS
        return reply

    return send_recv


def _make_process_cmd(session: Session, original: Any) -> Any:
    def _process_cmd(self: Any, msgid: Any, cmd: Any, *args: Any) -> Any:
        if cmd == CALL and len(args) == 4:
            link = parse(args[3])
            token = None if link is None else session.enter(*link)
            try:
                reply = original(self, msgid, cmd, *args[:3])
                answer(session, "answering", link)
                return reply
            finally:
                session.leave(token)
        reply = original(self, msgid, cmd, *args)
        if cmd == PING and len(reply) == 1 and reply[0] == PONG:
            return (*reply, KNOWS)
        return reply

    return _process_cmd


def _make_run(session: Session, original: Any) -> Any:
    def run(self: Any) -> Any:
        session.settings.service = "privsep"
        return original(self)

    return run
