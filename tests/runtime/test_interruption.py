"""Being told to end lets a block clean up, and an impatient second signal does not stop that."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.interruption import ended_in_order, uninterrupted

ENDING = [signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", ENDING)
def test_being_told_to_end_cleans_up_as_ctrl_c_does_and_only_once(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    cleaned = []
    with pytest.raises(KeyboardInterrupt), ended_in_order():
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)
            cleaned.append("all")
    assert cleaned == ["all"]
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", [signal.SIGINT, *ENDING])
def test_cleaning_up_is_not_interrupted(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with uninterrupted():
        signal.raise_signal(number)
    assert signal.getsignal(number) == before


def test_other_threads_leave_signals_as_they_are() -> None:
    def inside() -> object:
        with ended_in_order(), uninterrupted():
            return signal.getsignal(signal.SIGTERM)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(inside).result() == signal.getsignal(signal.SIGTERM)
