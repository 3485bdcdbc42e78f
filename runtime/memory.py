"""How much memory the machine has left, and whether guests fit in."""

from __future__ import annotations

from pathlib import Path

from tracer.terminal.errors import UserError

MEMORY_FACTS = Path("/proc/meminfo")
GIB = 1 << 30
GUEST_BYTES = 256 << 20
"""What QEMU takes for one of our guests, about."""


def available_bytes() -> int:
    """What can still be given to programs, as the kernel estimates it."""
    for line in MEMORY_FACTS.read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0


def require_room_for(guests: int) -> None:
    """Refuse to start more guests than fit: a machine whose memory is full ends programs at random.

    Raises:
        UserError: they would take more than is available.
    """
    needed, available = guests * GUEST_BYTES, available_bytes()
    if needed > available:
        raise UserError(
            f"{guests} guests take about {needed / GIB:.1f} GiB, and {available / GIB:.1f} GiB are left.",
            "Ask for fewer with --count, or delete servers first (`stackwalk record delete --name NAME`).",
        )
