"""Free loopback ports, held from the moment they are picked."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class HeldPorts:
    """Listening loopback sockets, one for each name.

    A socket is handed to the service that will accept on it, so there is no moment at which another program
    could take the port. Use it as a context manager: leaving closes this process's copies.

    Args:
        names: whom to pick a port for.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._sockets: dict[str, socket.socket] = {}
        for name in names:
            held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._sockets[name] = held
            held.bind(("127.0.0.1", 0))
            held.listen(128)

    def port(self, name: str) -> int:
        """The port that was picked for ``name``."""
        number: int = self._sockets[name].getsockname()[1]
        return number

    def descriptor(self, name: str) -> int:
        """The listening socket's file descriptor, to be inherited by the service."""
        return self._sockets[name].fileno()

    def release(self, name: str) -> None:
        """Close this process's copy, so that the port answers only as long as the service lives."""
        self._sockets.pop(name).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._sockets):
            self.release(name)
