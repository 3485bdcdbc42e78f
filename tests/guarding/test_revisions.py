"""Git revisions as something to read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.regression.flows import SHOP, written
from tracer.guarding.inputs import opened
from tracer.guarding.revisions import exported
from tracer.terminal.errors import UserError

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the package ``shop``, whose metadata an installation put beside it."""
    written(tmp_path)
    (tmp_path / "setup.cfg").write_text("[entry_points]\nshop.tills =\n    plain = shop.work:Till\n")
    for words in (["init", "-q"], ["add", "shop", "setup.cfg"], ["commit", "-qm", "first"]):
        subprocess.run([*GIT, *words], check=True, cwd=tmp_path)
    metadata = tmp_path / "shop.egg-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("[shop.tills]\nplain = shop.work:Till\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("word", ["HEAD", "HEAD:shop"])
def test_a_revision_is_read_with_the_plugins_of_the_work_tree(repository: Path, word: str) -> None:
    written(repository, "def main():\n    pass\n")
    with exported(word) as folder:
        top = folder if word == "HEAD" else folder.parent
        assert (top / "shop" / "work.py").read_text() == SHOP
        for name in ("shop.egg-info/entry_points.txt", "setup.cfg"):
            assert "shop.work:Till" in (top / name).read_text()


def test_a_revision_that_is_not_there(repository: Path) -> None:
    with pytest.raises(UserError, match="no such git revision") as caught, opened(["HEAD~7:shop"]):
        pass
    assert "HEAD~7" in " ".join(caught.value.details)
