"""The carriers of OpenStack's frameworks take a trace along, with the frameworks themselves at both ends."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.recording.probed import (
    TRACE,
    children,
    environment,
    lacks,
    name,
    names,
    only_record,
    records,
    run_probed,
    senders,
)
from tests.recording.waiting import wait_until
from tracer.model.kinds import Link
from tracer.recording.raw import ProcessRecord

MESSAGES = """
import sys, threading
import oslo_messaging
from oslo_config import cfg
probe = sys.modules["stackwalk_probe.session"]

conf = cfg.CONF
conf([], project="test")
transport = oslo_messaging.get_rpc_transport(conf, url="fake://")
told = threading.Semaphore(0)

class Endpoint:
    def ask(self, ctxt, number):
        print(sorted(ctxt))
        if number < 0:
            raise ValueError("no")
        return helper(number)
    def tell(self, ctxt):
        told.release()

def helper(number):
    return number * 2

server = oslo_messaging.get_rpc_server(
    transport, oslo_messaging.Target(topic="topic", server="here"), [Endpoint()], executor="threading"
)
server.start()
client = oslo_messaging.get_rpc_client(transport, oslo_messaging.Target(topic="topic"))

def request():
    assert client.call({"mine": 1}, "ask", number=3) == 6
    try:
        client.call({}, "ask", number=-1)
    except ValueError:
        pass
    client.cast({}, "tell")
    told.acquire()
    client.prepare(fanout=True).cast({}, "tell")
    told.acquire()

client.call({}, "ask", number=1)
probe.run_as_root(sys.argv[1], request, (), {})
client.call({}, "ask", number=1)
server.stop()
server.wait()
"""


@pytest.mark.skipif(lacks("oslo_messaging"), reason="oslo.messaging is not installed there")
def test_messages_carry_the_trace_and_endpoints_do_not_notice(tmp_path: Path) -> None:
    """Calls, casts and fanouts; the key that travels in the context is taken out again."""
    done = run_probed(MESSAGES, tmp_path, TRACE)
    assert done.stdout.splitlines() == ["[]", "['mine']", "[]", "[]"]
    record = only_record(tmp_path)
    assert [(sent.link, sent.detail) for sent in record.outgoing if sent.link is not Link.SPAWN] == [
        (Link.RPC_CALL, "ask"),
        (Link.RPC_CALL, "ask"),
        (Link.RPC_CAST, "tell"),
        (Link.RPC_FANOUT, "tell"),
    ]
    keys = [sent.key for sent in record.outgoing if sent.link is not Link.SPAWN]
    received = {span.incoming: name(record, span) for span in record.spans if span.incoming in keys}
    assert [received[key] for key in keys] == [
        "Endpoint.ask",
        "Endpoint.ask",
        "Endpoint.tell",
        "Endpoint.tell",
    ]
    assert names(record).count("helper") == 1
    check_answers(record, record, keys[0])
    assert keys[1] not in record.answered  # the call that failed was answered, but raised here
    assert not set(keys[2:]) & record.answered.keys()


def check_answers(sender: ProcessRecord, receiver: ProcessRecord, key: str) -> None:
    """A call, its arrival, its answer and that one's arrival are known in this order."""
    (sent,) = (sent.time for sent in sender.outgoing if sent.key == key)
    arrived = min(span.start for span in receiver.spans if span.incoming == key)
    assert sent <= arrived <= receiver.answering[key] <= sender.answered[key]


PRIVILEGED = """
import logging, os, sys
from oslo_config import cfg
from oslo_privsep import daemon, priv_context
probe = sys.modules["stackwalk_probe.session"]

context = priv_context.PrivContext("__main__", cfg_section="test", pypath="__main__.context", capabilities=[])

@context.entrypoint
def privileged(number):
    return deeper(number), os.getpid()

def deeper(number):
    return number * 2

@context.entrypoint
def failing():
    raise ValueError("no")

def request():
    result, pid = privileged(4)
    assert result == 8 and pid != os.getpid()
    try:
        failing()
    except ValueError:
        pass

cfg.CONF([], project="test")
context.start(method=priv_context.Method.FORK)
assert privileged(1)[0] == 2
probe.run_as_root(sys.argv[1], request, (), {})
assert privileged(1)[0] == 2
sys.stdin.read()
context.stop()
"""


@pytest.mark.skipif(find_spec("oslo_privsep") is None, reason="oslo.privsep is not installed there")
def test_privileged_calls_carry_the_trace_into_their_helper(tmp_path: Path) -> None:
    """A process of its own, and a lane of its own."""
    program = subprocess.Popen(
        [sys.executable, "-c", PRIVILEGED, TRACE],
        env=environment(tmp_path, ["__main__"]),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(
            lambda: (
                program.poll() is not None
                or {record.service for record in records(tmp_path) if record.closed} == {"service", "privsep"}
            )
        )
    finally:
        _, said = program.communicate()
    assert program.returncode == 0, said
    by_service = {record.service: record for record in records(tmp_path)}
    caller, helper = by_service["service"], by_service["privsep"]
    sent = senders(caller, Link.PRIVSEP)
    assert len(sent) == 2
    assert [(name(helper, span), span.incoming in sent) for span in children(helper)] == [
        ("privileged", True),
        ("failing", True),
    ]
    assert names(helper) == ["privileged", "deeper", "failing"]
    check_answers(caller, helper, children(helper)[0].incoming)


EMBEDDING = """
import sys
probe = sys.modules["stackwalk_probe.session"]
hooks = sys.modules["stackwalk_probe.hooks.wsgi"]

def application(environ, start_response):
    start_response("200 OK", [])
    return [b"yes"]

served = hooks.traced(application)
assert hooks.traced(served) is served
grants = sys.modules["stackwalk_probe.authority"]
key = probe._session.authority._key
state = grants.member(grants.grant(key, sys.argv[1], 1 << 40))
parent = f"00-{sys.argv[1]}-{'1' * 16}-01"
for more in ({}, {"HTTP_TRACEPARENT": parent, "HTTP_TRACESTATE": state}, {"HTTP_TRACEPARENT": parent}):
    print(served({"REQUEST_METHOD": "GET", **more}, print))
"""


def test_an_application_can_have_itself_recorded(tmp_path: Path) -> None:
    """In servers that are not written in Python."""
    done = run_probed(EMBEDDING, tmp_path, TRACE)
    assert done.stdout.count("[b'yes']") == done.stdout.count("200 OK []") == 3
    record = only_record(tmp_path)
    assert names(record) == ["application"]
    assert record.answering.keys() == {"1" * 16}
