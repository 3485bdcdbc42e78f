"""What all tests have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runtime.interruption import ended_in_order


@pytest.fixture(scope="session", autouse=True)
def cleaned_up_when_told_to_end() -> Iterator[None]:
    """Fixtures take down what they brought up also when the run is told to end, not interrupted by a key."""
    with ended_in_order():
        yield
