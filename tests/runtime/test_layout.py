from __future__ import annotations

from pathlib import Path

import pytest

from runtime.layout import StackLayout
from tracer.terminal.errors import UserError

LONGEST_SOCKET_PATH = 107


@pytest.mark.parametrize("depth", [1, 5, 20])
def test_socket_paths_fit_however_deep_the_folder_is(tmp_path: Path, depth: int) -> None:
    layout = StackLayout.at(tmp_path.joinpath(*["a-long-folder"] * depth))
    helper_socket = layout.temporary / "tmpabcdefgh" / "privsep.sock"
    assert len(str(helper_socket)) <= LONGEST_SOCKET_PATH


def test_stacks_in_different_deep_folders_share_no_run_folder(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-long-folder"] * 20)
    assert StackLayout.at(deep / "one").run != StackLayout.at(deep / "two").run


def test_a_stack_is_named_alike_wherever_it_is_named_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert StackLayout.at(Path("one")) == StackLayout.at(tmp_path / "one")


@pytest.mark.parametrize(
    "name", ["with space", "quo'te", 'quo"te', "dollar$", "per%cent", "line\nbreak", "#"]
)
def test_a_path_that_configuration_files_cannot_carry_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError) as refusal:
        StackLayout.at(tmp_path / name)
    assert "--state-dir" in refusal.value.remedy
