"""Guests are only asked for where they fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime import memory
from tracer.terminal.errors import UserError


def test_guests_that_do_not_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = tmp_path / "meminfo"
    facts.write_text("MemTotal:  8388608 kB\nMemFree: 1 kB\nMemAvailable:  1048576 kB\n")
    monkeypatch.setattr(memory, "MEMORY_FACTS", facts)
    assert memory.available_bytes() == memory.GIB
    memory.require_room_for(4)
    with pytest.raises(UserError, match=r"5 guests take about 1\.2 GiB, and 1\.0 GiB are left"):
        memory.require_room_for(5)
