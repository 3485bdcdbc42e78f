"""Entry points of stevedore where the package is a checkout that was never installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.reading.reader import read

LOADER = """
from stevedore import driver

def load(name):
    return driver.DriverManager("shop.drivers", name, invoke_on_load=True).driver

load("fast").run()
"""
DRIVERS = """
class Fast:
    def run(self):
        pass

class Slow:
    def run(self):
        pass
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "setup.cfg",
            "[entry_points]\nshop.drivers =\n    fast = shop.drivers:Fast\n    slow = shop.drivers:Slow\n",
        ),
        ("setup.cfg", "[options.entry_points]\nshop.drivers =\n    fast = shop.drivers:Fast\n"),
        ("pyproject.toml", '[project.entry-points."shop.drivers"]\nfast = "shop.drivers:Fast"\n'),
    ],
)
def test_project_files_announce_entry_points(tmp_path: Path, name: str, text: str) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    (tmp_path / name).write_text(text)
    (package / "__init__.py").write_text("")
    (package / "main.py").write_text(LOADER)
    (package / "drivers.py").write_text(DRIVERS)
    for target in (tmp_path, package):
        graph = read([str(target)], processes=1)
        called = {call.callee for call in graph.callees("shop.main:<module>")}
        assert "shop.drivers:Fast.run" in called
        assert "shop.drivers:Slow.run" not in called


@pytest.mark.parametrize(
    "text", ["[entry_points\n", "\0", "[project.entry-points]\na = 1\n", "[project]\n= 1"]
)
def test_a_broken_project_file_costs_nothing_else(tmp_path: Path, text: str) -> None:
    for name in ("setup.cfg", "pyproject.toml"):
        (tmp_path / name).write_text(text)
    (tmp_path / "main.py").write_text("def f():\n    pass\n\nf()\n")
    graph = read([str(tmp_path)], processes=1)
    assert [call.callee for call in graph.callees("main:<module>")] == ["main:f"]
