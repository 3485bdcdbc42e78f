"""Stands where Keystone's token check stands: whoever has the stack's one token is its administrator."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable
from typing import Any

from runtime.embedded.inside.variables import TOKEN_VARIABLE

IDENTITY = {
    "HTTP_X_IDENTITY_STATUS": "Confirmed",
    "HTTP_X_USER_ID": "admin",
    "HTTP_X_USER_NAME": "admin",
    "HTTP_X_PROJECT_ID": "admin",
    "HTTP_X_PROJECT_NAME": "admin",
    "HTTP_X_TENANT_ID": "admin",
    "HTTP_X_ROLES": "admin,member,reader,service",
    "HTTP_X_SERVICE_CATALOG": "[]",
    "HTTP_X_USER_DOMAIN_ID": "default",
    "HTTP_X_PROJECT_DOMAIN_ID": "default",
}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class OneToken:
    """Lets requests with the right token through, as the administrator's."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._token = os.environ[TOKEN_VARIABLE]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one WSGI request."""
        if not hmac.compare_digest(environ.get("HTTP_X_AUTH_TOKEN", ""), self._token):
            start_response("401 Unauthorized", [("Content-Type", "text/plain")])
            return [b"this stack's token is needed\n"]
        environ.update(IDENTITY)
        return self._application(environ, start_response)


def filter_factory(global_conf: dict[str, str], **local_conf: str) -> type[OneToken]:
    """What paste calls to make the filter."""
    return OneToken
