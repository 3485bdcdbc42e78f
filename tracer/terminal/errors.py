"""Errors that are meant for the person at the terminal."""

from __future__ import annotations

DONE = 0
ANSWER_IS_NO = 1
MISUSE = 2


class UserError(Exception):
    """Something the user can mend: shown as one message and a remedy, never as a traceback.

    Args:
        message: what is wrong, naming the file, service or option concerned.
        remedy: what to do next; empty when the message says it all.
        details: lines that help to see the cause (a log's last lines), shown indented.
        exit_code: `MISUSE` for misuse and broken input, `ANSWER_IS_NO` when the answer is "no".
    """

    def __init__(
        self, message: str, remedy: str = "", *, details: tuple[str, ...] = (), exit_code: int = MISUSE
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.details = details
        self.exit_code = exit_code
