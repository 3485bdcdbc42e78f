# ruff: noqa: RUF001 - Chinese text has Chinese punctuation
"""What all pictures share: lines broken where they may be, and a word on letters that no font has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from reports.canvas.fonts import PACKAGE, missing_letters
from reports.canvas.metrics import text_width, wrapped


@pytest.mark.parametrize("width", range(34, 200, 7))
def test_wrapped_lines_fit_and_hold_every_character(width: int) -> None:
    text = "检查策略、配额（cores、ram）；然后调用 nova.compute.api:API.create，见 /v2.1/servers。"
    lines = wrapped(text, width, 10)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line, 10) <= width or len(line) == 1 for line in lines)


@pytest.mark.parametrize("width", range(40, 200, 7))
def test_chinese_marks_stay_with_their_words(width: int) -> None:
    lines = wrapped("先取得主机，再（在单元里）创建实例；最后：把构建任务、改写映射发给主机。" * 3, width, 10)
    assert [line for line in lines if line[0] in "，）；：、。"] == []
    assert [line for line in lines if line.endswith("（")] == []


def fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str) -> None:
    program = tmp_path / "fc-list"
    program.write_text(f"#!/bin/sh\nprintf '{found}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert subprocess.run(["fc-list"], capture_output=True, check=True).stdout.decode() == found


def test_a_missing_font_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts(tmp_path, monkeypatch, "")
    assert PACKAGE in missing_letters(["plain", "一台机器"])
    assert missing_letters(["plain", "naïve → …"]) == ""


def test_nothing_is_said_when_a_font_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts(tmp_path, monkeypatch, "/usr/share/fonts/cjk.ttc:")
    assert missing_letters(["一台机器"]) == ""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert missing_letters(["一台机器"]) == ""
