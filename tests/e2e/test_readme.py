"""What README.md tells a newcomer to type does work, word for word."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from runtime.stack import Stack
from tests.e2e.cli import StackwalkCli

README = Path(__file__).parent.parent.parent / "README.md"
OTHERWISE_TESTED = ("make ", "stackwalk stack down")
"""What takes the shared stack away, or runs these very tests."""

ANSWERED_WITH_NO = ("stackwalk diff", "stackwalk record attach")
"""There is a change, and nobody asks the stack for anything in these seconds."""

FAILED = "not as README.md says: command"

WITH_THE_SHARED_STACK = """
stackwalk() {
    case "$1" in
        stack | record) command stackwalk "$@" --state-dir "$STATE_DIR" ;;
        *) command stackwalk "$@" ;;
    esac
}
set -o pipefail
"""


def commands() -> Iterator[str]:
    """The commands of all shell blocks, each as it is typed."""
    for block in re.findall(r"^```sh\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S):
        for command in re.sub(r"\\\n", "", block).splitlines():
            if command.strip() and not command.startswith(OTHERWISE_TESTED):
                yield command


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A checkout of nova to be in, with a change; everything that README.md names is there."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    module = tmp_path / "nova" / "api.py"
    module.parent.mkdir()
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    for body in ("pass", "second()"):
        module.write_text(f"def first():\n    {body}\n\ndef second():\n    pass\n")
        subprocess.run([*git, "add", "nova"], check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", body], check=True)
    return tmp_path


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, stack: StackwalkCli) -> Path:
    """A home with the cache as it is, but no environment besides that of the stack that runs."""
    made = tmp_path_factory.mktemp("home")
    cache = made / ".cache" / "stackwalk"
    (cache / "environments").mkdir(parents=True)
    for kept in platformdirs.user_cache_path("stackwalk").iterdir():
        if kept.name != "environments":
            (cache / kept.name).symlink_to(kept)
    facts = json.loads(Stack.load(stack.state_dir).layout.facts.read_text())
    environment = Path(facts["environment"])
    (cache / "environments" / environment.name).symlink_to(environment)
    return made


@pytest.mark.stack
def test_every_command_of_the_readme_works(stack: StackwalkCli, place: Path, home: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    variables |= {"HOME": str(home), "STATE_DIR": str(stack.state_dir)}
    script = WITH_THE_SHARED_STACK
    typed = list(commands())
    assert len(typed) > 20
    for number, command in enumerate(typed):
        expected = int(command.startswith(ANSWERED_WITH_NO))
        script += f"{command}\nsaid=$?; [ $said = {expected} ] || {{ echo {FAILED} {number}; exit 99; }}\n"
    done = subprocess.run(
        ["bash", "-c", script], cwd=place, env=variables, capture_output=True, text=True, check=False
    )
    failed = re.search(rf"^{FAILED} (\d+)$", done.stdout, re.M)
    said = f"{done.stdout}\n{done.stderr}"[-6000:]
    assert done.returncode == 0, f"{typed[int(failed[1])] if failed else ''}\n{said}"
