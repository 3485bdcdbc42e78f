"""More can be withheld than the recorder knows of itself: by name, by type and by shape, from a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.recording.probed import TRACE, environment, name, notes, only_record, run_probed
from tracer.model.request_tree import Value, Values
from tracer.recording.switch import probe_environment
from tracer.terminal.errors import UserError

RULES = r"""
names = ["^iban$", "patient"]
types = ["HealthRecord"]
shapes = ['\b[A-Z]{2}\d{20}\b', '\bMRN-\d+']
"""
IBAN = "DE12345678901234567890"

PROGRAM = f"""
import sys
probe = sys.modules["stackwalk_probe.session"]

class HealthRecord:
    def __init__(self): self.name = "who it is about"

class Account:
    def __init__(self): self.name = "{IBAN}"

def by_name(iban, the_Patient_id): return 1
def by_type(record): return record
def by_shape(one, two, account): pass
def by_key(body): pass
def afterwards(text): pass
def patient_of(number): return "somebody"
def shown(city, amount): return "all of it"

def request():
    by_name("123456", 4711)
    by_type(HealthRecord())
    by_shape("pay to {IBAN} now", "see MRN-99", Account())
    by_key({{"patient": "Zr7-quokka"}})
    afterwards("about Zr7-quokka")
    patient_of(3)
    shown("Ulm", 5)

probe.run_as_root(sys.argv[1], request, (), {{}})
"""
SECRETS = (IBAN, "123456", "4711", "who it is about", "MRN-99", "Zr7-quokka", "somebody")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "mask.toml"
    file.write_text(RULES)
    return file


def test_rules_of_a_file_mask_before_anything_is_written(rules: Path, tmp_path: Path) -> None:
    """What the rules do not name is shown as ever."""
    variables = probe_environment("service", tmp_path / "spools", mask=rules)
    run_probed(PROGRAM, tmp_path / "spools", TRACE, STACKWALK_MASK=variables["STACKWALK_MASK"])
    record = only_record(tmp_path / "spools")
    values = {name(record, span): span.values or Values() for span in record.spans}
    assert values["by_name"].arguments == {
        "iban": Value("str", "", 6, masked=True),
        "the_Patient_id": Value("int", masked=True),
    }
    assert values["by_type"].arguments == {"record": Value("HealthRecord", masked=True)}
    assert values["by_type"].result == Value("HealthRecord", masked=True)
    assert all(value.masked for value in values["by_shape"].arguments.values())
    assert values["afterwards"].arguments["text"].masked
    assert values["patient_of"].result == Value("str", "", 8, masked=True)
    assert values["shown"].arguments == {"city": Value("str", "Ulm", 3), "amount": Value("int", "5")}
    shown = [
        value.text
        for one in values.values()
        for value in [*one.arguments.values(), one.result, one.error]
        if value is not None
    ]
    assert not [text for text in shown if any(secret in text for secret in SECRETS)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("names = [", "is not TOML"),
        ("names = ['(']", r"'\(' in names is not a regular expression"),
        ("names = 'x'", "names must be a list"),
        ("types = [3]", "types must be a list"),
        ("shapes = ['']", "shapes must be a list"),
        ("name = ['x']", "has 'name'; it may have names, types, shapes"),
        (None, "cannot be read"),
        (b"\xff\xfe", "is not TOML"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_in_words(
    content: str | bytes | None, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "mask.toml"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        file.write_text(content)
    with pytest.raises(UserError, match=says):
        probe_environment("service", tmp_path / "spools", mask=file)


def test_a_probe_whose_rules_have_gone_records_nothing(rules: Path, tmp_path: Path) -> None:
    """Rather nothing than what should have been masked; the program goes on."""
    done = subprocess.run(
        [sys.executable, "-c", "import socket; print('unharmed')"],
        env=environment(tmp_path / "spools", ["__main__"], STACKWALK_MASK=str(tmp_path / "gone.toml")),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("unharmed\n", "")
    assert "gone.toml cannot be read" in notes(tmp_path / "spools")
