"""Values are taken bounded, secrets are not taken at all, and the program's own code never runs for it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.recording.probed import TRACE, Engine, engines, name, only_record, run_probed
from tracer.model.request_tree import Value, Values
from tracer.recording.switch import ValueMode

SECRETS = {
    "admin password": "correct-horse",
    "token": "gAAAAABmZmZmZmZmZmZmZmZmZmZmZmZmZmZm",
    "user data": "I2Nsb3VkLWNvbmZpZwpzZWNyZXQ=",
    "database": "hunter2hunter2",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\\nMIIEow",
    "bearer": "Bearer abcdef0123456789",
    "header": "e5f9c2d1-not-a-shape",
    "lower case": "sesame",
    "file": "c2VjcmV0IGZpbGU=",
}

SECRETIVE = (
    f"""
S = {SECRETS!r}
"""
    + """
import sys
probe = sys.modules["stackwalk_probe.session"]

def by_name(admin_password, user_data): pass
def by_shape(one, two, three, four): pass
def by_key(body): pass
def afterwards(text, other, inside, more): pass
def generate_password(length): return S["lower case"]
def echo(value): return value
def fail(text): raise ValueError(text)

def request():
    by_name(S["admin password"], user_data=S["user data"])
    database = "mysql+pymysql://nova:" + S["database"] + "@localhost/nova"
    by_shape(S["token"], database, S["private key"], S["bearer"])
    by_key({"server": {"name": "one", "metadata": [{"X-Auth-Token": S["header"]}]}})
    by_key({"server": {"personality": [{"path": "/etc/motd", "contents": S["file"]}]}})
    afterwards(S["header"], S["user data"], "it is " + S["admin password"] + " today", S["file"])
    echo(generate_password(8))
    echo([S["token"]])
    try:
        fail("wrong password " + S["admin password"])
    except ValueError:
        pass

probe.run_as_root(sys.argv[1], request, (), {})
"""
)


@pytest.mark.parametrize("mode", ["none", "ids", "short"])
def test_secrets_never_reach_the_spool(mode: ValueMode, tmp_path: Path) -> None:
    """Not by name, by shape, under a key, nor when they turn up again under innocent names."""
    run_probed(SECRETIVE, tmp_path, TRACE, values=mode)
    record = only_record(tmp_path)
    everything = msgspec.json.encode(record).decode()
    for secret in SECRETS.values():
        assert secret not in everything
        assert secret.encode() not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.spool"))


AGAIN = """
import sys
probe = sys.modules["stackwalk_probe.session"]

def by_key(body): pass
def by_name(auth_token): return auth_token
def by_list(passwords): return passwords
def shown(text): pass

def request():
    for number in range(3):
        for _ in range(2):
            by_key({"headers": {"X-Auth-Token": f"sesame-{number}", "Password": None}})
            by_name(f"other-sesame-{number}")
            by_list([f"third-sesame-{number}", number])
    for number in range(3):
        shown(f"sesame-{number}")
        shown(f"it is other-sesame-{number}")
        shown(f"third-sesame-{number}")

probe.run_as_root(sys.argv[1], request, (), {})
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_each_secret_under_a_name_met_before_is_withheld(engine: Engine, tmp_path: Path) -> None:
    """The first one under a name is not the last."""
    run_probed(AGAIN, tmp_path, TRACE, engine=engine)
    record = only_record(tmp_path)
    assert "sesame" not in msgspec.json.encode(record).decode()
    shown = [span.values for span in record.spans if name(record, span) == "shown" and span.values]
    assert [value.arguments["text"].masked for value in shown] == [True] * 9


MET_LATER = """
import sys
probe = sys.modules["stackwalk_probe.session"]
def shown(text): pass
def log_in(password): pass
def request():
    text = "-".join(("quokka", "harbour"))
    longer = f"it is {text}"
    for _ in range(3):
        shown(text)
        shown(longer)
        log_in(text)

probe.run_as_root(sys.argv[1], request, (), {})
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_a_text_that_was_shown_is_withheld_once_it_is_known_as_a_secret(
    engine: Engine, tmp_path: Path
) -> None:
    """So is one that has it in it, though both are the very objects that were looked at before."""
    run_probed(MET_LATER, tmp_path, TRACE, engine=engine)
    record = only_record(tmp_path)
    shown = [span.values for span in record.spans if name(record, span) == "shown" and span.values]
    assert [value.arguments["text"].masked for value in shown] == [False] * 2 + [True] * 4


ORDINARY = """
import sys
probe = sys.modules["stackwalk_probe.session"]

class Plain:
    def __init__(self): self.uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

class Hostile:
    def __getattr__(self, name): print("asked for", name); raise AttributeError(name)
    def __repr__(self): print("asked for repr"); return "x"
    def __len__(self): print("asked for len"); return 1
    def __eq__(self, other): print("compared"); return False
    def __hash__(self): print("hashed"); return 1
    @property
    def __dict__(self): print("asked for dict"); return {}

class HostileText(str):
    def __len__(self): print("asked for len"); return 1

def takes(number, flag, nothing, text, long, items, mapping, data, plain, hostile, hostile_text, *rest,
**named): pass
def gives(): return {"a": 1}

def request():
    hostile = Hostile(), HostileText("h")
    takes(42, True, None, "active", "x y" * 1000, [1, 2, 3], {"a": 1}, b"1234", Plain(), *hostile, 1, k=2)
    gives()

probe.run_as_root(sys.argv[1], request, (), {})
"""


def values(folder: Path, function: str) -> Values:
    """What was captured at the one call of ``function``."""
    record = only_record(folder)
    (found,) = (span.values for span in record.spans if name(record, span) == function)
    return found or Values()


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_values_are_bounded_and_taken_without_running_code(engine: object, tmp_path: Path) -> None:
    """Short scalars are shown, of the rest the type and size; hostile objects are not touched."""
    done = run_probed(ORDINARY, tmp_path, TRACE, engine=engine)  # type: ignore[arg-type]
    assert done.stdout == ""
    assert values(tmp_path, "takes").arguments == {
        "number": Value("int", "42"),
        "flag": Value("bool", "True"),
        "nothing": Value("NoneType"),
        "text": Value("str", "active", 6),
        "long": Value("str", "", 3000),
        "items": Value("list", "", 3),
        "mapping": Value("dict", "", 1),
        "data": Value("bytes", "", 4),
        "plain": Value("Plain", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        "hostile": Value("Hostile"),
        "hostile_text": Value("HostileText"),
        "rest": Value("tuple", "", 1),
        "named": Value("dict", "", 1),
    }
    assert values(tmp_path, "gives").result == Value("dict", "", 1)


def test_only_ids_are_taken_when_asked_for(tmp_path: Path) -> None:
    """Texts and numbers are left out then, uuids are not."""
    run_probed(ORDINARY, tmp_path, TRACE, values="ids")
    taken = values(tmp_path, "takes").arguments
    assert {value.text for value in taken.values()} == {"", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}
    assert taken["text"] == Value("str", "", 6)


def test_no_values_are_taken_when_none_are_asked_for(tmp_path: Path) -> None:
    """The calls are there all the same."""
    run_probed(ORDINARY, tmp_path, TRACE, values="none")
    record = only_record(tmp_path)
    assert {span.values for span in record.spans} == {None}
    assert len(record.spans) == 4
