"""A stack that sleeps is recorded for a time, without restarting anything."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from runtime.stack import Stack
from tests.e2e.cli import StackwalkCli
from tests.recording.waiting import wait_until
from tracer.model.recording_folder import open_recording

pytestmark = pytest.mark.stack


def test_a_window_records_what_reaches_the_api_and_closes(stack: StackwalkCli, tmp_path: Path) -> None:
    running = Stack.load(stack.state_dir)
    _, window = running.layout.recording_switches
    address = running.endpoints["nova-api"].removesuffix("/v2.1") + "/"
    out = tmp_path / "window"
    # Interrupted as soon as the request was answered, it need not be waited for.
    attached = stack.start("record", "attach", "--for", "60", "--out", out)
    try:
        wait_until(window.exists)
        with urllib.request.urlopen(address) as answer:
            assert answer.status in (200, 300)
        trace = running.layout.spool
        wait_until(lambda: any(trace.glob("*/nova-api-*.spool")))
        attached.send_signal(2)
        told, _ = attached.communicate(timeout=120)
    finally:
        attached.kill()
    assert attached.returncode == 0, told
    assert not window.exists()
    (folder,) = out.iterdir()
    recording = open_recording(folder)
    assert recording.header.orphans == []
    assert set(recording.header.services) == {"client", "nova-api"}
    assert recording.header.facts["stack"].startswith("real")
