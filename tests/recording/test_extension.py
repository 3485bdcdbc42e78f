"""The recorder's C part is built where it can be; where it cannot, recording goes on and says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recording.probed import TRACE, Engine, engines, names, only_record, run_probed
from tracer.recording.extension import SUPPORTED, ensure_extension, look_for_extension
from tracer.recording.switch import BOOT_FOLDER

NATIVE = [engine for engine in engines() if engine.collector == "native"]
PROGRAM = """
import sys
probe = sys.modules["stackwalk_probe.session"]
def work(): pass
probe.run_as_root(sys.argv[1], work, (), {})
"""


def test_what_every_process_loads_is_compiled_beforehand() -> None:
    """For where processes are told to keep nothing compiled."""
    ensure_extension(Path(engines()[0].python))
    tag = f"cpython-{engines()[0].version.replace('.', '')}"
    assert (BOOT_FOLDER / "__pycache__" / f"sitecustomize.{tag}.pyc").exists()


def test_without_a_compiler_there_is_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is raised."""
    monkeypatch.setenv("STACKWALK_CACHE", str(tmp_path))
    monkeypatch.setattr("tracer.compiling.COMPILERS", ())
    extension = ensure_extension(Path(sys.executable))
    assert extension.file is None
    assert extension.lacks
    if sys.version_info[:2] in SUPPORTED:
        assert "gcc" in extension.remedy


def test_a_compiler_that_fails_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it said; half a file is not left behind."""
    if not NATIVE:
        pytest.skip("the C part cannot be built here")
    monkeypatch.setenv("STACKWALK_CACHE", str(tmp_path))
    monkeypatch.setattr("tracer.recording.extension.FLAGS", ("--no-such-option",))
    extension = ensure_extension(Path(NATIVE[0].python))
    assert extension.file is None
    assert "no-such-option" in extension.lacks
    assert not list(tmp_path.rglob("*.so"))


def test_what_does_not_run_has_no_c_part(tmp_path: Path) -> None:
    """The path of a Python that is not there."""
    assert "does not answer" in look_for_extension(tmp_path / "python").lacks


def test_a_python_for_which_there_is_no_c_part_is_told_which_ones_have_it(tmp_path: Path) -> None:
    python = tmp_path / "python"
    facts = {"version": [3, 11], "implementation": "cpython", "free_threaded": False}
    python.write_text(f"#!/bin/sh\necho '{json.dumps(facts)}'\n")
    python.chmod(0o755)
    extension = look_for_extension(python)
    assert "3.11" in extension.lacks
    assert "3.12" in extension.remedy


@pytest.mark.parametrize("engine", NATIVE, ids=str)
def test_without_its_c_part_the_recorder_works_and_the_record_says_so(engine: Engine, tmp_path: Path) -> None:
    """Also where what is in its place is not one."""
    run_probed(PROGRAM, tmp_path / "none", TRACE, engine=engine, STACKWALK_NATIVE=str(tmp_path / "nowhere"))
    built = look_for_extension(Path(engine.python)).file
    assert built is not None
    broken = tmp_path / "broken" / built.parent.name / built.name
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"not a library")
    run_probed(PROGRAM, tmp_path / "damaged", TRACE, engine=engine, STACKWALK_NATIVE=str(tmp_path / "broken"))
    for case in ("none", "damaged"):
        record = only_record(tmp_path / case)
        assert record.collector == "monitoring"
        assert names(record) == ["work"]


FOLLOWED = """
import dis, sys
probe = sys.modules["stackwalk_probe.session"]

def work(one, other):
    first = one
    second = other
    return first, second, one, other

def instructions():
    return [each.opname for each in dis.get_instructions(work, adaptive=True) if "FAST" in each.opname]

fresh = instructions()
work(1, 2)
discovered = instructions()
probe.run_as_root(sys.argv[1], work, (1, 2), {})
recorded = instructions()
probe.installed()._collector.stop()
print(fresh, discovered, recorded, instructions(), sep="\\n")
"""


@pytest.mark.parametrize("engine", NATIVE, ids=str)
def test_code_that_was_followed_runs_in_the_instructions_that_it_began_with(
    engine: Engine, tmp_path: Path
) -> None:
    """Python 3.12 joins some in pairs, and takes these apart when events are turned on."""
    fresh, *later = run_probed(FOLLOWED, tmp_path, TRACE, engine=engine).stdout.splitlines()
    assert "FAST" in fresh
    assert later == [fresh] * 3


WATCHED_BY_ANOTHER = """
import random, sys
trace, when = sys.argv[1:]
probe = sys.modules.get("stackwalk_probe.session")
events = sys.monitoring.events
rng = random.Random(7)
names = "abcxyz"

def statement():
    one, other = rng.choices(names, k=2)
    return rng.choice((
        f"{one} = {other}",
        f"{one} = {other}; {other} = {one}",
        f"{one}, {other} = {other}, {one}",
        f"{one} = {rng.randrange(300)}",
        f"if {one} % 2: {other} = {one}",
        f"for i in range(2): {one} = {other}",
        f"while {one} % 5 == 4: {one} = 1",
    ))

def text(number):
    many = "; ".join(f"v{each} = a" for each in range(300)) if number % 4 == 0 else "pass"
    yields = ["yield a"] if number % 3 == 0 else []
    body = [f"x = a; y = b; z = c; {many}", *(statement() for _ in range(20)), *yields]
    body += [statement() for _ in range(9)] + ["return a, b, c, x, y, z"]
    return f"def f{number}(a, b, c):\\n    " + "\\n    ".join(body)

made = {"__name__": "__main__"}
exec(compile("\\n".join(map(text, range(20))), "generated", "exec"), made)
functions = [made[f"f{number}"] for number in range(20)]
seen = []

def watch():
    sys.monitoring.use_tool_id(0, "another")
    # A tool's INSTRUCTION events end, by a fault of the interpreter's, when another tool's events are
    # turned on in code in which events of a third were dismissed.
    wanted = (events.LINE,) if when == "before" else (events.LINE, events.INSTRUCTION)
    for event in wanted:
        note = lambda code, at, event=event: seen.append((event, code.co_name, at))
        sys.monitoring.register_callback(0, event, note)
    for function in functions:
        sys.monitoring.set_local_events(0, function.__code__, sum(wanted))

def run():
    for function in functions:
        found = function(1, 2, 3)
        print(found if isinstance(found, tuple) else list(found))

if when == "before":
    watch()
if probe is None:
    run()
else:
    probe.run_as_root(trace, run, (), {})
    if when == "after":
        probe.installed()._collector.stop()
if when != "before":
    watch()
run()
print(seen, [function.__code__.co_code.hex() for function in functions])
"""


@pytest.mark.parametrize("when", ["before", "while_on", "after"])
@pytest.mark.parametrize("engine", NATIVE, ids=str)
def test_another_tool_sees_each_line_and_instruction(engine: Engine, when: str, tmp_path: Path) -> None:
    """Of code that was followed, whether the tool was there before the recording or came after it."""
    alone = subprocess.run(
        [engine.python, "-c", WATCHED_BY_ANOTHER, TRACE, when], capture_output=True, text=True, check=True
    )
    assert run_probed(WATCHED_BY_ANOTHER, tmp_path, TRACE, when, engine=engine).stdout == alone.stdout
    assert {f"f{number}" for number in range(20)} <= set(names(only_record(tmp_path)))
