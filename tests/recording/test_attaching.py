"""Recording is switched on in running services by whoever has their key, for one request or a time, only."""

from __future__ import annotations

import http.client
import io
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from runtime.attach import Attached, record_one, record_window
from tests.recording.probed import TRACE, default_engine, environment, names, only_record, run_probed
from tests.recording.serving import served
from tests.recording.waiting import wait_until
from tracer.model.kinds import Link
from tracer.model.recording_folder import Recording
from tracer.recording.attaching import OpenWindow, close_window, new_pass, usable_key, window_file
from tracer.recording.probe.authority import MEMBERS_AT_MOST, Authority, grant, member, read_key
from tracer.recording.switch import default_key_file, made_key
from tracer.terminal.errors import UserError
from tracer.terminal.progress import PlainSteps

KEY = bytes(range(32))
FAR = int(time.time()) + 10_000


def ask(port: str, headers: dict[str, str] | None = None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    connection.request("GET", "/eager", headers=headers or {})
    assert connection.getresponse().read() == b"yes"
    connection.close()


def spools(folder: Path) -> list[str]:
    """The traces that something was recorded of."""
    return sorted(path.parent.name for path in folder.glob("*/*.spool"))


def seen(recording: Recording) -> list[tuple[str, str]]:
    tree = recording.tree
    return [(tree.function(span).qualname, span.link.value) for span in tree.spans]


SEEN = [("request", ""), ("application", "http"), ("helper", "")]


@pytest.fixture
def spool_dir(tmp_path: Path) -> Path:
    return tmp_path / "spools"


def attached(spool_dir: Path) -> Attached:
    return Attached(spool_dir, default_key_file(spool_dir), {})


def quiet() -> PlainSteps:
    return PlainSteps(io.StringIO())


def test_one_request_is_recorded_and_then_none(spool_dir: Path, tmp_path: Path) -> None:
    """The headers hold for their trace alone; before and after, the service sleeps."""
    with served(spool_dir, default_engine(), "__main__") as port:
        ask(port)
        recording = record_one(
            attached(spool_dir),
            tmp_path / "one",
            "stackwalk record attach",
            30,
            lambda headers: ask(port, headers),
            quiet(),
        )
        ask(port)
        assert spools(spool_dir) == [recording.header.trace_id]
    assert seen(recording) == SEEN
    assert recording.header.scenario == "attached"
    assert not recording.header.orphans and not recording.header.notices


def test_a_window_records_every_request_until_it_closes(spool_dir: Path, tmp_path: Path) -> None:
    """Each is a recording of its own, whatever trace context it brings."""
    foreign = {"traceparent": f"00-{TRACE}-{TRACE[:16]}-01", "tracestate": "vendor=1"}
    with served(spool_dir, default_engine(), "__main__") as port:
        with OpenWindow(spool_dir, 600, ["server"], 2) as window:
            ask(port)
            ask(port, foreign)
            ask(port)  # one more than allowed
            wait_until(lambda: len(spools(spool_dir)) == 2)
            assert sorted(window.traces()) == spools(spool_dir)
            with pytest.raises(UserError, match="open already"), OpenWindow(spool_dir, 1, ["server"], 1):
                pass
        ask(port)
        with OpenWindow(spool_dir, 600, ["another"], 2):
            ask(port)
        made = record_window(
            attached(spool_dir), tmp_path / "none", "stackwalk record attach", 0.2, ["server"], 1, quiet()
        )
        assert made == []
        assert len(spools(spool_dir)) == 2
    assert TRACE not in spools(spool_dir)
    for trace in window.traces():
        assert names(only_record(spool_dir, trace)) == ["application", "helper"]


def test_a_window_left_open_closes_by_itself_and_by_hand(spool_dir: Path) -> None:
    with served(spool_dir, default_engine(), "__main__") as port:
        OpenWindow(spool_dir, -1, ["server"], 5).__enter__()
        ask(port)
        assert close_window(spool_dir)
        assert not close_window(spool_dir)
    assert spools(spool_dir) == []


def test_a_window_that_others_could_have_opened_is_none(spool_dir: Path) -> None:
    with served(spool_dir, default_engine(), "__main__") as port, OpenWindow(spool_dir, 60, ["server"], 5):
        window_file(spool_dir).chmod(0o666)
        ask(port)
    assert spools(spool_dir) == []


def test_no_foreign_trace_context_switches_recording_on(spool_dir: Path, tmp_path: Path) -> None:
    """Sampled or not, with no grant, somebody else's, one for another trace, an old one, or a made-up one."""
    with served(spool_dir, default_engine(), "__main__") as port:
        key = read_key(str(default_key_file(spool_dir)))
        parent = f"00-{TRACE}-{'1' * 16}-01"
        other = made_key(tmp_path / "other.key")
        refused = [
            {"traceparent": parent},
            {"traceparent": parent, "tracestate": "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"},
            {"traceparent": parent, "tracestate": member(grant(key, "f" * 32, FAR))},
            {"traceparent": parent, "tracestate": member(grant(key, TRACE, int(time.time()) - 5))},
            {"traceparent": parent, "tracestate": new_pass(other, 60).headers["tracestate"]},
            {"traceparent": parent, "tracestate": f"stackwalk=1-{FAR:x}-{'0' * 32}"},
            {"traceparent": parent, "tracestate": "stackwalk=1,stackwalk"},
            {"traceparent": parent, "tracestate": "x" * 9000 + "," + member(grant(key, TRACE, FAR))},
            {"traceparent": parent[:-2] + "00", "tracestate": member(grant(key, TRACE, FAR))},
            {"tracestate": member(grant(key, TRACE, FAR))},
        ]
        for headers in refused:
            ask(port, headers)
        ask(port, {"traceparent": parent, "tracestate": f"a=1, {member(grant(key, TRACE, FAR))} ,b=2"})
        wait_until(lambda: spools(spool_dir) == [TRACE])
        wait_until(lambda: only_record(spool_dir).closed)
    assert names(only_record(spool_dir)) == ["application", "helper"]


def test_without_a_key_of_its_own_a_service_lets_nobody_in(spool_dir: Path) -> None:
    """Neither without any, nor with one that others may read."""
    open_key = made_key(spool_dir.with_name("open.key"))
    open_key.chmod(0o644)
    for key_file in ("", str(open_key)):
        with served(spool_dir, default_engine(), "__main__", STACKWALK_KEY_FILE=key_file) as port:
            key = bytes.fromhex(open_key.read_text())
            state = member(grant(key, TRACE, FAR))
            ask(port, {"traceparent": f"00-{TRACE}-{'1' * 16}-01", "tracestate": state})
    assert spools(spool_dir) == []


CLIENT = """
import http.client, sys
probe = sys.modules["stackwalk_probe.session"]

def request():
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
    connection.putrequest("GET", "/eager")
    connection.putheader("Tracestate", "vendor=1,stackwalk=old")
    connection.putheader("tracestate", b"more=2")
    connection.endheaders()
    connection.getresponse().read()

probe.run_as_root(sys.argv[1], request, (), {})
"""


def test_a_request_that_carries_the_trace_on_keeps_the_programs_own_trace_state(tmp_path: Path) -> None:
    """Our member comes first; without a key, what the program sends is left as it is."""
    for key, expected in ((True, "stackwalk=1-"), (False, "vendor=1,stackwalk=old,more=2")):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            received: list[bytes] = []

            def answer(listener: socket.socket = listener, received: list[bytes] = received) -> None:
                connection, _ = listener.accept()
                with connection:
                    received.append(connection.recv(65536))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

            thread = threading.Thread(target=answer)
            thread.start()
            variables = {} if key else {"STACKWALK_KEY_FILE": ""}
            port = str(listener.getsockname()[1])
            run_probed(CLIENT, tmp_path / str(key), TRACE, port, **variables)
            thread.join()
        (state,) = [line for line in received[0].decode().split("\r\n") if line.lower().startswith("tracest")]
        assert state.partition(": ")[2].startswith(expected)
        assert state.endswith(",vendor=1,more=2" if key else "more=2")
    assert {sent.link for sent in only_record(tmp_path / "True").outgoing} == {Link.HTTP}


def test_a_trace_state_has_no_more_members_than_it_may() -> None:
    state = Authority(KEY).state(TRACE, ",".join(f"v{number}=1" for number in range(60)))
    assert len(state.split(",")) == MEMBERS_AT_MOST
    assert Authority(KEY).allows(TRACE, state)


def test_the_key_is_its_owners_and_drawn_once(tmp_path: Path) -> None:
    file = made_key(tmp_path / "new" / "some.key")
    text = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert made_key(file).read_text() == text
    assert len(read_key(str(file))) == 32
    environment(tmp_path / "spools", ["x"])
    assert default_key_file(tmp_path / "spools").read_text() != text


def test_headers_cannot_be_made_without_the_key(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no key"):
        new_pass(tmp_path / "none.key", 60)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_key_of_somebody_elses_is_told_of(tmp_path: Path) -> None:
    file = made_key(tmp_path / "some.key")
    assert usable_key(file)
    os.chown(file, 65534, 65534)
    with pytest.raises(UserError, match="not this user's"):
        usable_key(file)
