"""Contracts that come along."""

from __future__ import annotations

from pathlib import Path

from tracer.terminal.errors import UserError

FOLDER = Path(__file__).parent / "contracts"


def contract_file(source: str) -> Path:
    """The file of contracts that ``source`` names: a path, or one of the files that come along.

    Raises:
        UserError: there is no such file.
    """
    path = Path(source)
    if path.exists():
        return path
    shipped = FOLDER / f"{source}.toml"
    if shipped.parent == FOLDER and shipped.is_file():
        return shipped
    names = ", ".join(sorted(one.stem for one in FOLDER.glob("*.toml")))
    raise UserError(f"there is no file {source}", f"Give a TOML file, or one that comes along: {names}.")
