"""What all carriers that leave the process have in common."""

from __future__ import annotations

from .. import guard
from ..session import Session
from ..traceparent import parse, render
from ..tracing import current_context


def announce(session: Session, link: str, detail: str) -> str | None:
    """Note that a message leaves the running span; the ``traceparent`` it is to carry, or None outside of
    traces."""
    context = current_context.get()
    if context is None or context.left or session.disabled:
        return None
    try:
        key = context.send(link, detail)
    except Exception as error:
        guard.failed(error, "announcing a message")
        return None
    return render(context.trace.id, key) if key else None


def answer(session: Session, what: str, link: tuple[str, str] | None) -> None:
    """Note when a message is answered: two such notes and the message itself tell how far the clocks of two
    hosts are apart.

    Args:
        session: this process's.
        what: "answering" at the message's receiver, "answered" at its sender.
        link: the message's trace id and key; None for a message of no trace.
    """
    context = current_context.get()
    if link is None or context is None or context.left or context.trace.id != link[0] or session.disabled:
        return
    try:
        context.note_answer(what, link[1])
    except Exception as error:
        guard.failed(error, "noting an answer")


def answered(session: Session, traceparent: str | None) -> None:
    """Note that the message that carried ``traceparent`` has been answered."""
    answer(session, "answered", parse(traceparent))
