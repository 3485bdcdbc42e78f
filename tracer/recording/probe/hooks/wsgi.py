"""Requests coming in through any WSGI server: the application that a server is given is wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import Any

from .. import guard
from ..attach import Attach, replace
from ..session import Session, installed
from ..traceparent import parse
from ..tracing import current_context
from .outgoing import answer

MARK = "stackwalk_application"
CALL = "__call__"


def hooks(session: Session) -> dict[str, Attach]:
    """Where each server takes its application: (class or function, position of the application in its
    arguments)."""

    def constructor(owner_name: str, position: int, method: str = "__init__") -> Attach:
        def attach(module: Any) -> None:
            replace(
                getattr(module, owner_name), method, lambda original: _wrapping(session, original, position)
            )

        return attach

    def gunicorn(module: Any) -> None:
        def make(original: Any) -> Any:
            def wsgi(self: Any) -> Any:
                return _traced(session, original(self))

            return wsgi

        replace(module.BaseApplication, "wsgi", make)

    return {
        "waitress.server": constructor("BaseWSGIServer", 1),
        "wsgiref.handlers": constructor("BaseHandler", 1, "run"),
        "werkzeug.serving": constructor("BaseWSGIServer", 3),
        "cheroot.wsgi": constructor("Server", 2),
        "eventlet.wsgi": constructor("Server", 3),
        "gunicorn.app.base": gunicorn,
    }


def traced(application: Any) -> Any:
    """``application``, recorded for requests that ask for it: for servers that are not written in Python, in
    which it is the application itself that has to call this."""
    session = installed()
    return application if session is None else _traced(session, application)


def _wrapping(session: Session, original: Any, position: int) -> Any:
    names = ("application", "wsgi_app", "app")

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if len(args) > position:
            args = (*args[:position], _traced(session, args[position]), *args[position + 1 :])
        for name in names:
            if name in kwargs:
                kwargs[name] = _traced(session, kwargs[name])
        return original(*args, **kwargs)

    return wrapper


def _traced(session: Session, application: Any) -> Any:
    if not callable(application) or getattr(application, MARK, False):
        return application

    def traced_application(environ: Any, start_response: Any) -> Any:
        parent = environ.get("HTTP_TRACEPARENT")
        if _entered_already(parse(parent)):
            return application(environ, start_response)
        link = session.admit(parent, environ.get("HTTP_TRACESTATE"))
        if link is None:
            return application(environ, start_response)
        _choose_entry(session, application)

        def start(*args: Any, **kwargs: Any) -> Any:
            answer(session, "answering", link)
            return start_response(*args, **kwargs)

        token = session.enter(*link)
        try:
            body = application(environ, start)
        finally:
            session.leave(token)
        if hasattr(body, "__next__") and not isinstance(body, _file_wrapper(environ)):
            return _TracedBody(session, link, body)
        return body

    setattr(traced_application, MARK, True)
    return traced_application


def _entered_already(link: tuple[str, str] | None) -> bool:
    """Whether an outer application of this request has been entered, be it without any ``traceparent``."""
    context = current_context.get()
    if context is None or link is None:
        return context is not None and context.incoming == context.trace.id[16:]
    return context.trace.id == link[0] and context.incoming == link[1]


def _file_wrapper(environ: Any) -> Any:
    wrapper = environ.get("wsgi.file_wrapper")
    return wrapper if isinstance(wrapper, type) else ()


def _choose_entry(session: Session, application: Any) -> None:
    """Have the application's own entry recorded, so that a service none of whose packages are chosen
    appears all the same."""
    try:
        while hasattr(application, "func"):  # functools.partial
            application = application.func
        function = application
        if not isinstance(function, FunctionType):
            function = getattr(application, "__func__", None) or getattr(type(application), CALL, None)
        code = getattr(function, "__code__", None)
        if code is not None:
            session.choose(code, str(function.__globals__.get("__name__", "?")))
    except Exception as error:
        guard.failed(error, "choosing an application's entry")


class _TracedBody:
    """A response body that is made while it is sent: each step of making it runs in the trace."""

    def __init__(self, session: Session, link: tuple[str, str], body: Iterator[bytes]) -> None:
        self._session = session
        self._link = link
        self._body = body

    def __iter__(self) -> _TracedBody:
        return self

    def __next__(self) -> bytes:
        token = self._session.enter(*self._link)
        try:
            return next(self._body)
        finally:
            self._session.leave(token)

    def close(self) -> None:
        """Close the body, where it can be closed."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()
