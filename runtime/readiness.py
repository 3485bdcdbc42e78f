"""Asking services whether they do their work."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import amqp
import libvirt

from runtime.namespaces import NetworkNamespace

PATIENCE_OF_ONE_QUESTION = 10.0


class NotReadyError(Exception):
    """A service does not do its work yet; the text says what is missing."""


def http_answer(
    port: int,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: object = None,
    accept: Sequence[int] = (200,),
) -> tuple[Any, Mapping[str, str]]:
    """Ask an API over loopback.

    Args:
        port: the API's port.
        path: the path, with its query.
        method: the HTTP method.
        headers: further headers.
        body: what to send, as JSON.
        accept: the status codes that count as an answer.

    Returns:
        the answer's JSON (None for an empty one) and its headers.

    Raises:
        NotReadyError: nobody answers, or the answer's status is another one.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_OF_ONE_QUESTION)
    try:
        text = None if body is None else json.dumps(body)
        sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        connection.request(method, path, text, sent)
        response = connection.getresponse()
        answer = response.read()
        if response.status not in accept:
            raise NotReadyError(f"{method} {path} is answered with {response.status} {response.reason}")
        return (json.loads(answer) if answer else None), dict(response.headers)
    except (OSError, http.client.HTTPException) as error:
        raise NotReadyError(f"{method} {path} is not answered: {error}") from error
    except ValueError as error:
        raise NotReadyError(f"{method} {path} is not answered with JSON") from error
    finally:
        connection.close()


def answers(port: int, path: str) -> None:
    """Ask an API for a page that needs no token.

    Raises:
        NotReadyError: it is not answered as it should be.
    """
    http_answer(port, path, accept=(200, 300))


def port_accepts(network: NetworkNamespace, port: int) -> None:
    """Connect to a port of the stack's own network.

    Raises:
        NotReadyError: nobody accepts there.
    """

    def connect() -> None:
        socket.create_connection(("127.0.0.1", port), PATIENCE_OF_ONE_QUESTION).close()

    try:
        network.call(connect)
    except OSError as error:
        raise NotReadyError(f"port {port} does not accept connections: {error}") from error


def queues_have_listeners(
    network: NetworkNamespace, port: int, name: str, password: str, queues: Sequence[str]
) -> None:
    """Log in to the message broker, and ask whether somebody takes the messages of queues.

    Args:
        network: where the broker is.
        port: its port there.
        name: who asks.
        password: that one's password.
        queues: the queues to ask about; none, to ask only whether the broker lets one in.

    Raises:
        NotReadyError: the broker does not answer or refuses, or a queue is missing or has no listener.
    """

    def ask() -> None:
        connection = amqp.Connection(
            f"127.0.0.1:{port}",
            userid=name,
            password=password,
            connect_timeout=PATIENCE_OF_ONE_QUESTION,
            read_timeout=PATIENCE_OF_ONE_QUESTION,
        )
        with connection:
            for queue in queues:
                answer = connection.channel().queue_declare(queue, passive=True)
                if answer.consumer_count == 0:
                    raise NotReadyError(f"nobody listens on the queue {queue}")

    try:
        network.call(ask)
    except amqp.exceptions.NotFound as error:
        raise NotReadyError(f"there is no such queue: {error.reply_text}") from error
    except (OSError, amqp.exceptions.AMQPError) as error:
        raise NotReadyError(f"the broker does not answer: {error}") from error


def program_agrees(*command: str, environment: Mapping[str, str] | None = None, text: str = "") -> None:
    """Ask by a service's own client program, which is given ``text`` on its standard input.

    Raises:
        NotReadyError: the program fails, or takes too long.
    """
    try:
        asked = subprocess.run(
            command,
            env=None if environment is None else dict(environment),
            input=text,
            capture_output=True,
            text=True,
            timeout=PATIENCE_OF_ONE_QUESTION,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotReadyError(f"{command[0]} gets no answer") from error
    if asked.returncode != 0:
        lines = asked.stderr.strip().splitlines() or [f"{command[0]} ends with {asked.returncode}"]
        raise NotReadyError(lines[-1])


def libvirt_answers(uri: str) -> None:
    """Connect to libvirt without the right to change anything, and ask what guests it can run.

    The first answer takes seconds, as libvirt tries every emulator; it keeps what it has found.

    Raises:
        NotReadyError: it does not answer.
    """
    # libvirt's default is to print every error as well.
    libvirt.registerErrorHandler(lambda *_: None, None)
    try:
        connection = libvirt.openReadOnly(uri)
        with contextlib.closing(connection):
            connection.getCapabilities()
    except libvirt.libvirtError as error:
        raise NotReadyError(str(error)) from error
