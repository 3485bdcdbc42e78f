"""What leaves a span and what it leads to are linked: over HTTP, threads, executors, tasks and green
threads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.recording.probed import (
    TRACE,
    Engine,
    children,
    engines,
    lacks,
    name,
    names,
    only_record,
    records,
    run_probed,
    senders,
)
from tests.recording.serving import served
from tests.recording.waiting import wait_until
from tracer.model.kinds import Link
from tracer.recording.raw import ProcessRecord

CLIENT = """
import http.client, sys
probe = sys.modules["stackwalk_probe.session"]
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))

def ask(path, headers={}):
    connection.request("GET", path, headers=headers)
    assert connection.getresponse().read() == b"yes"

def request():
    ask("/eager?token=abc")
    ask("/lazy", {"traceparent": "00-" + "e" * 32 + "-" + "e" * 16 + "-01"})

ask("/untraced")
probe.run_as_root(sys.argv[1], request, (), {})
ask("/untraced")
ask("/not-sampled", {"traceparent": "00-" + "d" * 32 + "-" + "d" * 16 + "-00"})
ask("/malformed", {"traceparent": "00-../../../etc-1-01"})
"""


def by_service(folder: Path) -> dict[str, ProcessRecord]:
    """The records of a trace by service."""
    return {record.service: record for record in records(folder)}


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_http_requests_carry_the_trace_on(engine: Engine, tmp_path: Path) -> None:
    """Bodies made while they are sent belong to it; what the caller itself sends as trace context is
    replaced."""
    with served(tmp_path, engine, "__main__") as port:
        run_probed(CLIENT, tmp_path, TRACE, port, engine=engine)
        wait_until(lambda: "server" in by_service(tmp_path) and by_service(tmp_path)["server"].closed)
    client, server = by_service(tmp_path)["service"], by_service(tmp_path)["server"]
    sent = senders(client, Link.HTTP)
    assert set(sent.values()) == {"ask"}
    assert [outgoing.detail for outgoing in client.outgoing] == ["GET /eager", "GET /lazy"]
    eager, lazy = (outgoing.key for outgoing in client.outgoing)
    assert [(name(server, span), span.incoming) for span in children(server)][:3] == [
        ("application", eager),
        ("application", lazy),
        ("lazily", lazy),
    ]
    assert names(server).count("helper") == 2
    assert [path.name for path in tmp_path.iterdir()] == [TRACE]


def test_a_service_none_of_whose_packages_are_recorded_shows_its_entry(tmp_path: Path) -> None:
    """Its application, and nothing below it."""
    engine = engines()[0]
    with served(tmp_path, engine, "somewhere.else") as port:
        run_probed(CLIENT, tmp_path, TRACE, port, engine=engine)
        wait_until(lambda: "server" in by_service(tmp_path) and by_service(tmp_path)["server"].closed)
    assert names(by_service(tmp_path)["server"]) == ["application", "application"]


TASKS = """
import asyncio, sys
probe = sys.modules["stackwalk_probe.session"]

def blocking(): pass

async def step(number):
    await asyncio.sleep(0)

async def everything():
    await asyncio.gather(step(1), step(2))
    await asyncio.to_thread(blocking)

def request():
    asyncio.run(everything())

probe.run_as_root(sys.argv[1], request, (), {})
"""

COPIED = """
import _thread, contextvars, sys, threading
probe = sys.modules["stackwalk_probe.session"]

def blocking(): pass

def request():
    copied = contextvars.copy_context()
    lock = threading.Lock()
    lock.acquire()
    def body():
        copied.run(blocking)
        lock.release()
    _thread.start_new_thread(body, ())
    lock.acquire()

probe.run_as_root(sys.argv[1], request, (), {})
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_tasks_run_in_the_trace(engine: Engine, tmp_path: Path) -> None:
    """And what they hand to a thread."""
    run_probed(TASKS, tmp_path, TRACE, engine=engine)
    record = only_record(tmp_path)
    (root,) = (span for span in children(record) if not span.incoming)
    below = [name(record, span) for span in children(record, root.id)]
    assert below.count("step") == 4
    assert set(below) == {"everything", "step"}
    (blocking,) = (span for span in record.spans if name(record, span) == "blocking")
    assert blocking.incoming in senders(record, Link.SPAWN)


# Without sys.monitoring, threads that are started past the module threading are not listened to.
@pytest.mark.parametrize("engine", [e for e in engines() if e.collector != "profile"], ids=str)
def test_a_copied_context_runs_in_the_trace(engine: Engine, tmp_path: Path) -> None:
    """Where it is all that takes the trace to another thread."""
    run_probed(COPIED, tmp_path, TRACE, engine=engine)
    record = only_record(tmp_path)
    (blocking,) = (span for span in record.spans if name(record, span) == "blocking")
    assert blocking.incoming in senders(record, Link.SPAWN)


EXECUTORS = """
import sys
from concurrent.futures import ThreadPoolExecutor
probe = sys.modules["stackwalk_probe.session"]
def work(number): pass
def untraced(pool): pool.submit(work, 0).result()
def request(before):
    before.submit(work, 1).result()
    with ThreadPoolExecutor(1) as during:
        during.submit(work, 2).result()
        list(during.map(work, [3, 4]))
with ThreadPoolExecutor(1) as before:
    untraced(before)
    probe.run_as_root(sys.argv[1], request, (before,), {})
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_executors_made_before_and_during_a_trace_work_in_it(engine: Engine, tmp_path: Path) -> None:
    """Each piece of work is linked to where it was handed over."""
    run_probed(EXECUTORS, tmp_path, TRACE, engine=engine)
    record = only_record(tmp_path)
    worked = [span for span in record.spans if name(record, span) == "work"]
    texts = {span.values.arguments["number"].text for span in worked if span.values is not None}
    assert texts == {"1", "2", "3", "4"}
    sent = senders(record, Link.SPAWN)
    assert [sent[span.incoming] for span in worked] == ["request"] * 4


LEFT_BEHIND = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
probe = sys.modules["stackwalk_probe.session"]
pool = ThreadPoolExecutor(1)
def work(number): pass
def request(): pool.submit(work, 1).result()
probe.run_as_root(sys.argv[1], request, (), {})
pool.submit(work, 2).result()
probe.run_as_root("f" * 32, request, (), {})
pool.submit(work, 3).result()
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_a_pools_thread_started_inside_a_trace_does_not_stay_in_it(engine: Engine, tmp_path: Path) -> None:
    """Each piece of work runs in the trace in which it was submitted, or in none."""
    run_probed(LEFT_BEHIND, tmp_path, TRACE, engine=engine)
    assert names(only_record(tmp_path)) == ["request", "work"]
    assert names(only_record(tmp_path, "f" * 32)) == ["request", "work"]


GREEN = """
import eventlet
eventlet.monkey_patch()
import eventlet.tpool, sys, threading
probe = sys.modules["stackwalk_probe.session"]

def pause(number):
    eventlet.sleep(0)
    return number

def native(number):
    return number

def green(number):
    for _ in range(3):
        pause(number)

def untraced():
    while not done:
        pause(0)

def request(number):
    # No comprehension: before Python 3.12 it is a call of its own.
    threads = []
    for _ in range(3):
        threads.append(eventlet.spawn(green, number))
    thread = threading.Thread(target=green, args=(number,))
    thread.start()
    for spawned in threads:
        spawned.wait()
    thread.join()
    eventlet.tpool.execute(native, number)

done = []
other = eventlet.spawn(untraced)
roots = [eventlet.spawn(probe.run_as_root, "%032x" % number, request, (number,), {}) for number in (1, 2)]
for root in roots:
    root.wait()
done.append(True)
other.wait()
"""


OWN = [engine for engine in engines() if engine.version == f"{sys.version_info[0]}.{sys.version_info[1]}"]


@pytest.mark.skipif(lacks("eventlet"), reason="eventlet is not installed there")
@pytest.mark.parametrize("engine", OWN, ids=str)
def test_green_threads_keep_to_their_own_trace_and_stack(engine: Engine, tmp_path: Path) -> None:
    """However they are switched in the middle of calls."""
    run_probed(GREEN, tmp_path, engine=engine)
    for number in (1, 2):
        record = only_record(tmp_path, f"{number:032x}")
        assert record.notices == []
        spawned = [span for span in children(record) if span.incoming]
        assert [name(record, span) for span in spawned] == ["green"] * 4 + ["native"]
        assert set(senders(record, Link.SPAWN)) == {span.incoming for span in spawned}
        for span in spawned[:4]:
            calls = children(record, span.id)
            assert [name(record, call) for call in calls] == ["pause"] * 3
            texts = {call.values.result.text for call in calls if call.values and call.values.result}
            assert texts == {str(number)}
        assert len(record.spans) == 1 + 4 * 4 + 1


GREENED = """
import eventlet
eventlet.monkey_patch()
import sys
probe = sys.modules["stackwalk_probe.session"]
session = probe._session

def request():
    # The thread that writes wants what this one holds.
    with session._traces.lock, session._spools.lock:
        session._writing.wake_up()
        eventlet.patcher.original("time").sleep(0.3)
    eventlet.sleep(0)

probe.run_as_root(sys.argv[1], request, (), {})
print(probe.ready())
"""


@pytest.mark.skipif(lacks("eventlet"), reason="eventlet is not installed there")
def test_the_probes_own_locks_are_not_greened(tmp_path: Path) -> None:
    """Its writing thread is a native one, whatever becomes of the program's."""
    done = run_probed(GREENED, tmp_path, TRACE)
    assert done.stdout == "True\n"
    assert "greenlet.error" not in done.stderr
    assert only_record(tmp_path).closed
