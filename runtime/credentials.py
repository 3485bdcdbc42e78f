"""A stack's passwords and keys: drawn anew for every stack, readable by its owner only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from tracer.terminal.errors import UserError


def _password() -> str:
    # Hexadecimal, because it goes into URLs and configuration files as it is.
    return secrets.token_hex(20)


@dataclass(frozen=True)
class Secrets:
    """Every secret of one stack."""

    admin: str = field(default_factory=_password, repr=False)
    nova: str = field(default_factory=_password, repr=False)
    placement: str = field(default_factory=_password, repr=False)
    glance: str = field(default_factory=_password, repr=False)
    neutron: str = field(default_factory=_password, repr=False)
    database: str = field(default_factory=_password, repr=False)
    broker: str = field(default_factory=_password, repr=False)
    broker_cookie: str = field(default_factory=_password, repr=False)

    def write(self, file: Path) -> None:
        """Write the secrets for their owner only."""
        write_private(file, json.dumps(asdict(self), indent=1))

    @staticmethod
    def read(file: Path) -> Secrets:
        """Read what `write` has written.

        Raises:
            UserError: the file is missing, not readable or not what was written.
        """
        try:
            values = json.loads(file.read_text())
            return Secrets(**{item.name: str(values[item.name]) for item in fields(Secrets)})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(
                f"The stack's secrets in {file} cannot be read: {error}",
                "Run `stackwalk stack down` and `stackwalk stack up` to begin anew.",
            ) from error


def write_private(file: Path, text: str) -> None:
    """Write a file that its owner alone may read, from its first byte on."""
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)


def write_key_repository(folder: Path) -> None:
    """Fill a folder with the two keys, current and next, that seal keystone's tokens or credentials."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("0", "1"):
        write_private(folder / name, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
