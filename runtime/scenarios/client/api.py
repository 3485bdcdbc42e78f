"""The stack's public APIs, as a plain user of OpenStack calls them."""

from __future__ import annotations

from typing import IO, Any

from keystoneauth1 import exceptions
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session
from keystoneauth1.token_endpoint import Token

COMPUTE_VERSION = {"OpenStack-API-Version": "compute 2.96"}


class ScenarioFailed(Exception):  # noqa: N818 - the answer is "no", which is not an error of the program
    """What was to happen did not.

    Args:
        message: what did not happen.
        details: what the services say about it.
        server: the id of the server concerned, if there is one already.
    """

    def __init__(self, message: str, details: str = "", server: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.server = server


class Api:
    """Calls the services by name.

    Args:
        auth: ``type`` "password" with ``auth_url``, ``username``, ``password``, ``project``, or "token" with
            ``token``.
        endpoints: address of each service: ``compute``, ``image`` and, where there is one, ``network``.
    """

    def __init__(self, auth: dict[str, str], endpoints: dict[str, str]) -> None:
        self._endpoints = {name: url.rstrip("/") for name, url in endpoints.items()}
        plugin = (
            Token(endpoint=None, token=auth["token"])
            if auth["type"] == "token"
            else Password(
                auth_url=auth["auth_url"],
                username=auth["username"],
                password=auth["password"],
                project_name=auth["project"],
                user_domain_id="default",
                project_domain_id="default",
            )
        )
        self._session = Session(auth=plugin)

    @property
    def has_network(self) -> bool:
        """Whether the stack has a network service."""
        return "network" in self._endpoints

    def log_in(self) -> None:
        """Get the token now, so that no later request has to.

        Raises:
            ScenarioFailed: the identity service refuses, or cannot be reached.
        """
        try:
            self._session.get_token()
        except exceptions.ClientException as error:
            raise ScenarioFailed("The identity service gives no token.", str(error)) from error

    def send(
        self, method: str, service: str, path: str, body: Any = None, *, stream: IO[bytes] | None = None
    ) -> Any:
        """One request; returns the decoded answer (None when it has no JSON body).

        Raises:
            ScenarioFailed: the service answers with an error, or not at all.
        """
        headers = dict(COMPUTE_VERSION) if service == "compute" else {}
        arguments: dict[str, Any] = {"headers": headers}
        if stream is not None:
            headers["Content-Type"] = "application/octet-stream"
            arguments["data"] = stream
        elif body is not None:
            arguments["json"] = body
        try:
            answer = self._session.request(f"{self._endpoints[service]}{path}", method, **arguments)
        except exceptions.NotFound:
            raise
        except exceptions.ClientException as error:
            raise ScenarioFailed(f"{method} {path} of the {service} service failed.", str(error)) from error
        return answer.json() if answer.content and "json" in answer.headers.get("Content-Type", "") else None

    def get(self, service: str, path: str) -> Any:
        """GET; see `send`."""
        return self.send("GET", service, path)

    def exists(self, service: str, path: str) -> bool:
        """Whether GET finds something."""
        try:
            self.get(service, path)
        except exceptions.NotFound:
            return False
        return True
