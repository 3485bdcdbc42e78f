"""HTTP requests going out through ``http.client``, and so through urllib3 and requests: they carry the
trace on."""

from __future__ import annotations

from typing import Any

from ..attach import Attach, replace
from ..authority import STATE
from ..session import Session
from ..traceparent import HEADER
from ..tracing import current_context
from .outgoing import announce, answered


def hooks(session: Session) -> dict[str, Attach]:
    """The hook of ``http.client``."""
    return {"http.client": lambda module: _attach(session, module)}


def _attach(session: Session, module: Any) -> None:
    def make_putrequest(original: Any) -> Any:
        def putrequest(self: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(self, method, url, *args, **kwargs)
            if current_context.get() is not None:
                self._stackwalk_request = f"{method} {_path(url)}"
                self._stackwalk_state = []
            return result

        return putrequest

    def make_putheader(original: Any) -> Any:
        def putheader(self: Any, header: Any, *values: Any) -> Any:
            if getattr(self, "_stackwalk_request", None) is not None:
                name = _text(header).lower()
                if name == HEADER:
                    return None
                if name == STATE:
                    self._stackwalk_state.extend(map(_text, values))
                    return None
            return original(self, header, *values)

        return putheader

    def make_endheaders(original: Any) -> Any:
        def endheaders(self: Any, *args: Any, **kwargs: Any) -> Any:
            request = getattr(self, "_stackwalk_request", None)
            if request is not None:
                self._stackwalk_request = None
                traceparent = announce(session, "http", request)
                state = ",".join(self._stackwalk_state)
                if traceparent is not None:
                    self.putheader(HEADER, traceparent)
                    self._stackwalk_sent = traceparent
                    state = session.authority.state(traceparent[3:35], state)
                if state:
                    self.putheader(STATE, state)
            return original(self, *args, **kwargs)

        return endheaders

    def make_getresponse(original: Any) -> Any:
        def getresponse(self: Any, *args: Any, **kwargs: Any) -> Any:
            sent = self.__dict__.pop("_stackwalk_sent", None)
            response = original(self, *args, **kwargs)
            answered(session, sent)
            return response

        return getresponse

    connection = module.HTTPConnection
    replace(connection, "putrequest", make_putrequest)
    replace(connection, "putheader", make_putheader)
    replace(connection, "endheaders", make_endheaders)
    replace(connection, "getresponse", make_getresponse)


def _path(url: object) -> str:
    """The path of a request's target, without what its query might tell."""
    text = url if isinstance(url, str) else ""
    if "://" in text:
        text = "/" + text.partition("://")[2].partition("/")[2]
    return text.partition("?")[0][:200]


def _text(header: object) -> str:
    return header.decode("latin-1") if isinstance(header, bytes) else str(header)
