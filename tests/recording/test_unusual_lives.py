"""Functions that go on and end in unusual ways: asynchronous generators, threads that the exit cuts short."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.probed import (
    TRACE,
    Engine,
    children,
    engines,
    name,
    names,
    only_record,
    run_probed,
    senders,
)
from tracer.model.kinds import Link, Outcome
from tracer.recording.switch import ValueMode

ASYNCHRONOUS = """
import sys
probe = sys.modules["stackwalk_probe.session"]

class Later:
    def __await__(self):
        yield

def leaf(): pass

async def items(tidied):
    try:
        yield 1
        await Later()
        leaf()
        yield 2
        yield 3
    finally:
        leaf()
        tidied.append(True)

async def failing():
    yield 1
    raise ValueError("planned")

async def consumer():
    tidied = []
    made = items(tidied)
    async for item in made:
        if item == 2:
            break
    await made.aclose()
    try:
        async for item in failing():
            pass
    except ValueError:
        leaf()
    return tidied

def request():
    running = consumer()
    try:
        while True:
            running.send(None)
    except StopIteration as ended:
        return ended.value

print(probe.run_as_root(sys.argv[1], request, (), {}))
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_an_asynchronous_generator_is_recorded_each_time_it_runs(engine: Engine, tmp_path: Path) -> None:
    """It runs until it yields an item or waits; closing it and its own exception end it."""
    assert run_probed(ASYNCHRONOUS, tmp_path, TRACE, engine=engine).stdout == "[True]\n"
    record = only_record(tmp_path)
    assert record.notices == []
    (root,) = children(record)
    consumers = children(record, root.id)
    assert [(name(record, span), span.activation, span.outcome) for span in consumers] == [
        ("consumer", 0, Outcome.YIELDED),
        ("consumer", 1, Outcome.RETURNED),
    ]
    generators = [
        [
            (name(record, span), span.activation, span.outcome, [name(record, call) for call in calls])
            for span in children(record, consumer.id)
            if (calls := children(record, span.id)) is not None
        ]
        for consumer in consumers
    ]
    assert generators == [
        [("items", 0, Outcome.YIELDED, []), ("items", 1, Outcome.YIELDED, ["Later.__await__"])],
        [
            ("items", 2, Outcome.YIELDED, ["Later.__await__", "leaf"]),
            ("items", 3, Outcome.RAISED, ["leaf"]),
            ("failing", 0, Outcome.YIELDED, []),
            ("failing", 1, Outcome.RAISED, []),
            ("leaf", 0, Outcome.RETURNED, []),
        ],
    ]


LEFT_AT_EXIT = """
import sys, threading
probe = sys.modules["stackwalk_probe.session"]
busy = threading.Event()

def quick(): pass
def waiting():
    quick()
    busy.set()
    threading.Event().wait()
def for_ever():
    while True:
        quick()
def background(): waiting()

def request():
    threading.Thread(target=background, daemon=True).start()
    busy.wait()
    threading.Thread(target=for_ever, daemon=True).start()

probe.run_as_root(sys.argv[1], request, (), {})
print("done")
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_daemon_threads_at_exit_disturb_nothing(engine: Engine, tmp_path: Path) -> None:
    """One waits, one never stops calling when the interpreter ends: the record is whole and closed."""
    done = run_probed(LEFT_AT_EXIT, tmp_path, TRACE, engine=engine)
    assert (done.stdout, done.stderr) == ("done\n", "")
    record = only_record(tmp_path)
    assert record.closed
    assert set(names(record)) - {"for_ever"} == {"request", "background", "waiting", "quick"}
    (waiting,) = (span for span in record.spans if name(record, span) == "waiting")
    assert (waiting.outcome, waiting.end) == (Outcome.UNFINISHED, None)
    assert [name(record, span) for span in children(record, waiting.id)] == ["quick"]


LATE = """
import sys
session = sys.modules["stackwalk_probe.session"]._session

def in_time(): pass
def late(): pass

token = session.enter(sys.argv[1], "")
in_time()
session.end()
trace = token[0].trace
trace.tape.stopped = False  # as a thread found it that was held up just after it had looked
late()
session._spools.drain(trace)
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_calls_that_come_when_the_record_has_ended_do_not_open_it_again(
    engine: Engine, tmp_path: Path
) -> None:
    """A thread may have begun to record a call before the end was noted, and come to do so after it."""
    run_probed(LATE, tmp_path, TRACE, engine=engine)
    record = only_record(tmp_path)
    assert record.closed
    assert set(names(record)) == {"in_time"}


BESIDE = """
import sys, threading
probe = sys.modules["stackwalk_probe.session"]
collector = probe._session._collector
choose = collector.choose
go, choosing, called = threading.Event(), threading.Event(), threading.Event()

def choose_slowly(function):
    if function.name == "leaf" and not choosing.is_set():
        choosing.set()
        called.wait()
    choose(function)

def leaf(): pass
def beside():
    go.wait()
    leaf()
def traced():
    go.set()
    choosing.wait()
    leaf()
    called.set()
    leaf()

collector.choose = choose_slowly
thread = threading.Thread(target=beside)
thread.start()
probe.run_as_root(sys.argv[1], traced, (), {})
thread.join()
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_no_call_is_lost_while_another_thread_first_meets_its_code(engine: Engine, tmp_path: Path) -> None:
    """That thread is outside of every trace, and has not got as far as listening to the code."""
    if engine.collector == "profile":
        pytest.skip("it does not choose code beforehand")
    run_probed(BESIDE, tmp_path, TRACE, engine=engine)
    assert names(only_record(tmp_path)) == ["traced", "leaf", "leaf"]


LOWEST = """
import _thread, contextvars, sys
probe = sys.modules["stackwalk_probe.session"]
over = _thread.allocate_lock()

def leaf(): pass

def lowest():
    leaf()
    leaf()
    over.release()

def request():
    over.acquire()
    _thread.start_new_thread(contextvars.copy_context().run, (lowest,))
    over.acquire()
    leaf()

probe.run_as_root(sys.argv[1], request, (), {})
"""


LISTENING_EVERYWHERE = [engine for engine in engines() if engine.collector != "profile"]
"""Those that are told of threads that nobody has told the probe of."""


@pytest.mark.parametrize("values", ["none", "short"])
@pytest.mark.parametrize("engine", LISTENING_EVERYWHERE, ids=str)
def test_a_function_that_nothing_in_its_thread_calls_is_recorded(
    engine: Engine, values: ValueMode, tmp_path: Path
) -> None:
    """It runs with a copy of the request's context, and is a spawned call of whoever made that."""
    run_probed(LOWEST, tmp_path, TRACE, engine=engine, values=values)
    record = only_record(tmp_path)
    (request, lowest) = children(record)
    assert senders(record, Link.SPAWN) == {lowest.incoming: "request"}
    assert [name(record, span) for span in children(record, request.id)] == ["leaf"]
    assert [name(record, span) for span in children(record, lowest.id)] == ["leaf", "leaf"]


INTERRUPTED = """
import signal, sys
probe = sys.modules["stackwalk_probe.session"]

class Interrupted(Exception): pass

def handler(number, frame): raise Interrupted

def interrupt(event, arguments):
    # Whatever the recorder does when a call ends, it looks at frames, which is audited.
    global armed
    if armed and event == "sys._getframe":
        armed = False
        signal.raise_signal(signal.SIGUSR1)

def fail():
    global armed
    armed = True
    raise ValueError("planned")

def leaf(): pass

def deeper(): leaf()

def failing():
    try:
        fail()
    except (Interrupted, ValueError):
        pass
    deeper()
    deeper()

def work():
    failing()
    list(map(lambda _: leaf(), [1]))

armed = False
signal.signal(signal.SIGUSR1, handler)
sys.addaudithook(interrupt)
probe.run_as_root("0123456789abcdef" * 2, work, (), {})
"""


@pytest.mark.parametrize("values", ["none", "short"])
@pytest.mark.parametrize("engine", [each for each in engines() if each.collector == "monitoring"], ids=str)
def test_calls_after_an_end_that_a_signal_handler_interrupted_stand_where_they_belong(
    engine: Engine, values: ValueMode, tmp_path: Path
) -> None:
    run_probed(INTERRUPTED, tmp_path, engine=engine, values=values)

    record = only_record(tmp_path)
    spans = {name(record, span): span for span in record.spans}
    assert [name(record, span) for span in children(record, spans["failing"].id)] == [
        "fail",
        "deeper",
        "deeper",
    ]
    assert [name(record, span) for span in children(record, spans["work"].id)] == [
        "failing",
        "work.<locals>.<lambda>",
    ]
    assert spans["fail"].outcome is Outcome.RAISED
