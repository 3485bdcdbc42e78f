from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import astuple
from pathlib import Path

import pytest

from runtime.credentials import Secrets, write_key_repository, write_private
from tracer.terminal.errors import UserError


def test_no_secret_is_the_same_on_two_stacks_or_twice_on_one() -> None:
    every = [*astuple(Secrets()), *astuple(Secrets())]
    assert len(set(every)) == len(every)
    assert min(map(len, every)) >= 32


def test_secrets_are_read_back_and_are_the_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    secrets = Secrets()
    secrets.write(file)
    assert Secrets.read(file) == secrets
    assert file.stat().st_mode & 0o777 == 0o600


def test_secrets_are_not_printed() -> None:
    secrets = Secrets()
    assert not any(value in repr(secrets) for value in astuple(secrets))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"admin": "x"}', "\x00"])
def test_damaged_secrets_are_an_error_with_a_remedy(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(text)
    with pytest.raises(UserError) as refusal:
        Secrets.read(file)
    assert str(file) in refusal.value.message
    assert "stack down" in refusal.value.remedy


def test_a_private_file_replaces_an_open_one(tmp_path: Path) -> None:
    file = tmp_path / "conf"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o600


def test_key_repositories_hold_two_fresh_keys(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_key_repository(tmp_path / name)
    keys = [file.read_text() for file in tmp_path.rglob("[01]")]
    assert len(set(keys)) == 4
    assert {len(urlsafe_b64decode(key)) for key in keys} == {32}
    assert json.dumps(keys).isascii()
