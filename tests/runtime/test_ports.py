from __future__ import annotations

import os
import socket

import pytest

from runtime.ports import HeldPorts

NAMES = ("keystone", "glance", "nova-api")


def test_two_stacks_get_different_ports_at_the_same_time() -> None:
    with HeldPorts(NAMES) as one, HeldPorts(NAMES) as two:
        ports = [held.port(name) for held in (one, two) for name in NAMES]
        assert len(set(ports)) == len(ports)


def test_a_held_port_is_loopbacks_and_cannot_be_taken() -> None:
    with HeldPorts(["keystone"]) as held, socket.socket() as thief:
        address = socket.socket(fileno=os.dup(held.descriptor("keystone"))).getsockname()
        assert address == ("127.0.0.1", held.port("keystone"))
        with pytest.raises(OSError, match="in use"):
            thief.bind(("127.0.0.1", held.port("keystone")))


def test_a_released_port_answers_no_longer() -> None:
    with HeldPorts(["keystone"]) as held:
        port = held.port("keystone")
        socket.create_connection(("127.0.0.1", port), 5).close()
        held.release("keystone")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5)
