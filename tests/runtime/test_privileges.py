from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from runtime import privileges
from tracer.terminal.errors import UserError


def test_the_command_is_run_again_by_sudo_with_the_persons_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "stackwalk", "stack", "up"])
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-root")
    words = privileges.as_root("/usr/bin/sudo")
    assert words[:3] == ["/usr/bin/sudo", "--", "env"]
    assert "HOME=/home/somebody" in words
    assert words[-5:] == [sys.executable, "-m", "stackwalk", "stack", "up"]
    assert not any("not-for-root" in word for word in words)


def test_without_sudo_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="sudo") as refusal:
        privileges.become_root()
    assert "--embedded" in refusal.value.remedy


def test_files_are_handed_back_only_under_sudo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    given: list[tuple[str, int, int]] = []
    monkeypatch.setattr(
        os, "lchown", lambda path, owner, group: given.append((Path(path).name, owner, group))
    )
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.delenv("SUDO_UID", raising=False)
    privileges.hand_back(tmp_path / "folder")
    assert given == []
    monkeypatch.setenv("SUDO_UID", "1000")
    monkeypatch.setenv("SUDO_GID", "1001")
    privileges.hand_back(tmp_path / "folder")
    assert sorted(given) == [("file", 1000, 1001), ("folder", 1000, 1001)]
    given.clear()
    privileges.hand_back(tmp_path / "folder", but=[tmp_path / "folder" / "file"])
    assert given == [("folder", 1000, 1001)]
