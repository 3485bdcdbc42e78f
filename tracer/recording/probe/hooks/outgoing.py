"""What all carriers that leave the process have in common."""

from __future__ import annotations

from .. import guard
from ..session import Session
from ..traceparent import render
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
