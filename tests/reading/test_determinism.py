"""The same source gives the same bytes, whatever the order of files, the hash seed or the cache."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reading.cases import CORPUS
from tests.reading.shuffled_folders import shuffled_folders
from tracer.reading.reader import read

GROUPS = ("classes", "decorators", "generators", "imports", "rpc", "web")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs of several groups as the packages of one tree."""
    tree = tmp_path_factory.mktemp("programs")
    for group in GROUPS:
        shutil.copytree(CORPUS / group, tree / group)
    return tree


@pytest.fixture(scope="module")
def expected(programs: Path) -> bytes:
    """The graph of the programs, as it is saved."""
    return _saved(programs)


def _saved(path: Path, *, processes: int = 1, cache: Path | None = None) -> bytes:
    return read([str(path)], label="programs", processes=processes, cache=cache).to_bytes()


def test_ten_readings_are_the_same(programs: Path, expected: bytes) -> None:
    assert {_saved(programs) for _ in range(10)} == {expected}


@pytest.mark.parametrize("seed", ["0", "1", "77", "4242"])
def test_hash_seeds_change_nothing(programs: Path, expected: bytes, seed: str) -> None:
    code = (
        "import sys; from tracer.reading.reader import read; "
        "sys.stdout.buffer.write(read([sys.argv[1]], label='programs', processes=1).to_bytes())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", code, str(programs)]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert done.stdout == expected


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_folders_list_their_files_changes_nothing(
    programs: Path, expected: bytes, seed: int
) -> None:
    with shuffled_folders(seed):
        assert _saved(programs) == expected


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_targets_changes_nothing(seed: int) -> None:
    targets = sorted(str(path) for group in ("classes", "mro") for path in (CORPUS / group).iterdir())
    in_order = read(targets, label="programs", processes=1).to_bytes()
    random.Random(seed).shuffle(targets)
    assert read(targets, label="programs", processes=1).to_bytes() == in_order


def test_a_module_that_is_there_twice_is_named(programs: Path) -> None:
    graph = read([str(programs / "imports" / name) for name in ("aliased", "cyclic")], processes=1)
    assert [warning for warning in graph.summary.warnings if "main" in warning]


def test_two_processes_read_what_one_reads(programs: Path, expected: bytes) -> None:
    assert _saved(programs, processes=2) == expected


def test_a_cache_changes_nothing_cold_warm_or_broken(programs: Path, expected: bytes, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert _saved(programs, cache=cache) == expected
    assert _saved(programs, cache=cache) == expected
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert kept
    for number, path in enumerate(kept):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if number % 2 else b"\x00" + content[1:])
    assert _saved(programs, cache=cache) == expected


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    program, cache = tmp_path / "program", tmp_path / "cache"
    program.mkdir()
    source = program / "changing.py"
    source.write_text("def a():\n    pass\n\n\ndef b():\n    pass\n\n\na()\n", encoding="utf-8")
    before = _saved(program, cache=cache)
    source.write_text(source.read_text(encoding="utf-8").replace("\na()\n", "\nb()\n"), encoding="utf-8")
    assert _saved(program, cache=cache) == _saved(program) != before


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_order_in_which_waiting_values_are_handed_on_changes_no_call(programs: Path, seed: str) -> None:
    command = [sys.executable, "-m", "tests.reading.shuffled_work", seed, str(programs)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    calls = read([str(programs)], label="programs", processes=1).calls()
    told = {"\t".join((one.caller, one.callee, one.kind, one.certainty, one.rule)) for one in calls}
    assert set(done.stdout.splitlines()) == told
