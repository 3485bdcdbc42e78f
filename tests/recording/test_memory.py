"""A traced process stays small, whatever values it meets."""

from pathlib import Path

from tests.recording.probed import run_probed

MIB_AT_MOST = 64
PROGRAM = """
import sys
from pathlib import Path
probe = sys.modules["stackwalk_probe.session"]

def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024

class Thing:
    def __init__(self, id): self.id = id

def take(value, **named): return value

def fail(message): raise ValueError(message)

def meet(number):
    take(f"a text of its own, number {number}, and some more that makes it longer than it has to be")
    take(number * 7919 / 3)
    take({f"key {number}": number}, **{f"name{number % 5000}": number})
    take(Thing(f"id {number}"))
    take(type(f"Kind{number}", (), {})()) if number % 10 == 0 else None
    take({"password": f"hidden {number}"}) if number % 100 == 0 else None
    try: fail(f"failed for the {number}th time")
    except ValueError: pass

def main():
    for number in range(30_000): meet(number)

before = peak()
probe.run_as_root("%032x" % 1, main, (), {})
print(peak() - before)
"""


def test_a_program_of_ever_new_values_takes_no_more_memory_than_a_bit(tmp_path: Path) -> None:
    done = run_probed(PROGRAM, tmp_path)

    assert int(done.stdout) < MIB_AT_MOST
