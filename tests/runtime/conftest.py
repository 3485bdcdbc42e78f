from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from runtime import layout


@pytest.fixture(autouse=True)
def _short_run_folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tests' folders lie deep, so their stacks get run folders elsewhere: remove those too."""
    folder = tempfile.mkdtemp(prefix="sw-")
    monkeypatch.setattr(layout, "tempfile", SimpleNamespace(gettempdir=lambda: folder))
    yield
    shutil.rmtree(folder)
