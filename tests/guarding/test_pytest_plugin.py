"""The plugin for pytest, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

SHOP = """
import threading


def price(item):
    return len(item)


def pack(item):
    return item.upper()


def order(item):
    paid = price(item)
    worker = threading.Thread(target=pack, args=(item,))
    worker.start()
    worker.join()
    return paid
"""
PLUGIN = "tracer.pytest_plugin"
TEST = """
import shop


def test_order(callflow):
    assert callflow.run(shop.order, "tea") == 3
    callflow.assert_matches("order.callflow")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "test_shop.py").write_text(TEST)
    return tmp_path


def run(project: Path, *words: str, **variables: str) -> tuple[int, str]:
    """Exit code and output of pytest in ``project``."""
    environment = {name: text for name, text in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN, *words],
        cwd=project,
        env={**environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_pytest_finds_the_plugin() -> None:
    assert PLUGIN in {one.value for one in entry_points(group="pytest11")}


def test_written_checked_and_changed(project: Path) -> None:
    code, told = run(project, "--callflow-update", CI="true")
    assert (code, "CI server" in told) == (1, True)
    assert not (project / "order.callflow").exists()
    code, told = run(project)
    assert (code, "order.callflow is not there yet" in told) == (1, True)

    assert run(project, "--callflow-update")[0] == 0
    lines = (project / "order.callflow").read_text().splitlines()
    assert "test shop:order -> shop:price [call]" in lines
    assert "test shop:order -> shop:pack [spawn]" in lines
    (project / "shop.py").write_text(SHOP.replace("paid = price(item)", "paid = 3"))
    code, told = run(project)
    assert (code, "shop:order no longer calls shop:price" in told) == (1, True)
