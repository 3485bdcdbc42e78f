"""The error of everything that reads or writes recordings."""

from __future__ import annotations

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding damaged bytes can raise."""


class RecordingError(Exception):
    """A recording that cannot be read or written, said so that its owner understands it.

    Args:
        message: what is wrong, naming the file.
        remedy: what to do next; empty when the message says it all.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
