"""What a bare machine gets: the right Python, complete environments, and clear words."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

import runtime
from runtime import bootstrap
from runtime.provisioning import environments, packages, pythons
from runtime.provisioning.console import SetupError
from runtime.provisioning.environments import LOCKS, Installer
from runtime.provisioning.needs import REPORT_NEEDS, TEST_NEEDS, Need
from runtime.provisioning.pythons import Python
from tests.runtime.programs import put_first_on_path, put_program

CHECKOUT = Path(runtime.__file__).parent.parent
BEFORE_ANY_ENVIRONMENT = [
    CHECKOUT / "runtime" / "__init__.py",
    CHECKOUT / "runtime" / "bootstrap.py",
    *(CHECKOUT / "runtime" / "provisioning").glob("*.py"),
]


@pytest.mark.parametrize("file", BEFORE_ANY_ENVIRONMENT, ids=lambda file: file.name)
def test_the_bootstrap_is_in_words_that_an_old_python_knows(file: Path) -> None:
    ast.parse(file.read_text(), feature_version=(3, 9))


def test_the_bootstrap_runs_without_any_installed_package() -> None:
    command = [sys.executable, "-S", "-E", "-m", "runtime.bootstrap", "--help"]
    finished = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "--tests" in finished.stdout


def fake_python(folder: Path, name: str, **facts: object) -> Path:
    """A program that answers the way a Python of that kind answers when it is examined."""
    file = folder / name
    answer = {
        "version": "3.12",
        "release": "3.12.9",
        "executable": str(file),
        "system": False,
        "headers": True,
        "venv": True,
        "modules": True,
        **facts,
    }
    return put_program(folder, name, f"echo '{json.dumps(answer)}'")


def chosen(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> str:
    """Base name of the Python that is chosen when only these folders exist."""
    only = [
        folder / name for folder in folders for name in ("python3.12", "python3.13", "python3.11", "python3")
    ]
    monkeypatch.setattr(pythons, "candidates", lambda environment: iter(only))
    python = pythons.choose({})
    return Path(python.executable).name if python else ""


def test_the_best_python_is_chosen_not_the_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_python(tmp_path / "a", "python3.11", version="3.11")
    fake_python(tmp_path / "a", "python3.13", version="3.13")
    assert chosen(monkeypatch, tmp_path / "a") == "python3.13"
    fake_python(tmp_path / "b", "python3.12")
    assert chosen(monkeypatch, tmp_path / "a", tmp_path / "b") == "python3.12"


def test_a_python_that_does_not_run_or_is_crippled_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_program(tmp_path, "python3.12", "echo no such version >&2; exit 127")
    fake_python(tmp_path, "python3.13", version="3.13", modules=False)
    fake_python(tmp_path, "python3", version="3.9")
    assert chosen(monkeypatch, tmp_path) == ""
    fake_python(tmp_path, "python3.11", version="3.11")
    assert chosen(monkeypatch, tmp_path) == "python3.11"


def test_a_complete_python_is_preferred_to_one_that_needs_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_python(tmp_path / "a", "python3.12", system=True, venv=False)
    fake_python(tmp_path / "b", "python3", executable=str(tmp_path / "b" / "complete"))
    assert chosen(monkeypatch, tmp_path / "a", tmp_path / "b") == "complete"
    assert chosen(monkeypatch, tmp_path / "a") == "python3.12"


def test_this_very_python_is_seen_as_what_it_is() -> None:
    python = pythons.examine(sys.executable)
    assert python is not None
    assert python.version == ".".join(map(str, sys.version_info[:2]))


MISSING = Need("no-such-package", "it is wanted by a test", ("/no/such/file/*",))


def test_a_machine_without_apt_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "find_program", lambda name: "")
    with pytest.raises(SetupError) as error:
        packages.install([MISSING])
    assert "no apt-get" in error.value.message
    assert "no-such-package (it is wanted by a test)" in error.value.remedy


def test_a_user_without_root_or_sudo_is_told_what_an_administrator_must_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages, "find_program", lambda name: "")
    with pytest.raises(SetupError) as error:
        packages.root_prefix(["one", "two"])
    assert "apt-get install --no-install-recommends one two" in error.value.remedy


def test_what_is_installed_and_why_is_said_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_program(tmp_path, "apt-get", "exit 0")
    put_program(tmp_path, "python3", "echo the end of apt >&2; exit 100")
    put_first_on_path(monkeypatch, tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SetupError) as error:
        packages.install([MISSING])
    said = capsys.readouterr().err
    assert "no-such-package  it is wanted by a test" in said
    assert error.value.details == ("the end of apt",)


class CountingInstaller(Installer):
    """Makes real, empty environments and counts what is installed; fails at a word of the command."""

    def __init__(self, cache: Path) -> None:
        python = pythons.examine(sys.executable)
        assert python is not None
        super().__init__(cache, python)
        self.python = python
        self.installed: list[str] = []
        self.fails_at = ""

    def ensure(self) -> None:
        pass

    def make(self, folder: Path) -> None:
        command = [self.python.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)]
        subprocess.run(command, check=True)

    def install(self, folder: Path, *arguments: str) -> None:
        if self.fails_at and any(self.fails_at in word for word in arguments):
            raise SetupError("no network")
        self.installed.append(arguments[-1])


@pytest.fixture
def installer(tmp_path: Path) -> CountingInstaller:
    return CountingInstaller(tmp_path / "cache")


def test_a_complete_environment_is_not_installed_again(installer: CountingInstaller) -> None:
    first = environments.ensure_stack_environment(installer, installer.python, "9.0.0")
    count = len(installer.installed)
    assert environments.ensure_stack_environment(installer, installer.python, "9.0.0") == first
    assert len(installer.installed) == count > 0


def test_an_interrupted_installation_is_not_taken_for_complete(installer: CountingInstaller) -> None:
    installer.fails_at = "libvirt-python"
    with pytest.raises(SetupError):
        environments.ensure_stack_environment(installer, installer.python, "9.0.0")
    installer.fails_at = ""
    installer.installed.clear()
    folder = environments.ensure_stack_environment(installer, installer.python, "9.0.0")
    assert len(installer.installed) == 2
    assert (folder / environments.STAMP).exists()


def test_another_libvirt_gets_an_environment_of_its_own(installer: CountingInstaller) -> None:
    first = environments.ensure_stack_environment(installer, installer.python, "9.0.0")
    second = environments.ensure_stack_environment(installer, installer.python, "10.0.0")
    assert first != second
    assert installer.installed[-1] == "libvirt-python<=10.0.0"


def test_an_environment_whose_python_is_gone_is_made_anew(installer: CountingInstaller) -> None:
    folder = environments.ensure_stack_environment(installer, installer.python, "9.0.0")
    (folder / "bin" / "python").unlink()
    installer.installed.clear()
    environments.ensure_stack_environment(installer, installer.python, "9.0.0")
    assert installer.installed


def project(tmp_path: Path) -> Path:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "pyproject.toml").write_text("[project]\n")
    return checkout


def test_the_projects_environment_follows_its_project_file(
    installer: CountingInstaller, tmp_path: Path
) -> None:
    checkout = project(tmp_path)

    def count() -> int:
        environments.ensure_project_environment(installer, installer.python, "9.0.0", checkout)
        return len(installer.installed)

    first = count()
    assert count() == first
    (checkout / "pyproject.toml").write_text("[project]\nname='x'\n")
    assert count() > first


def test_what_somebody_added_to_the_projects_environment_stays(
    installer: CountingInstaller, tmp_path: Path
) -> None:
    checkout = project(tmp_path)
    folder = environments.ensure_project_environment(installer, installer.python, "9.0.0", checkout)
    (folder / environments.STAMP).unlink()
    (folder / "mine").touch()
    environments.ensure_project_environment(installer, installer.python, "9.0.0", checkout)
    assert (folder / "mine").exists()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"STACKWALK_CACHE": "/a/b", "XDG_CACHE_HOME": "/c"}, "/a/b"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/stackwalk"),
    ],
)
def test_the_cache_can_be_put_elsewhere(variables: Mapping[str, str], expected: str) -> None:
    assert environments.cache_folder(variables) == Path(expected)


def locked(lock: str) -> dict[str, int]:
    """Names of the packages in a lock file, each with its number of hashes."""
    found: dict[str, int] = {}
    name = ""
    for line in (LOCKS / lock).read_text().splitlines():
        if match := re.match(r"([a-z0-9-]+)==", line):
            name = match[1]
            found.setdefault(name, 0)
        found[name] += line.count("--hash=sha256:")
    return found


@pytest.mark.parametrize("lock", ["project.txt", "stack.txt", "uv.txt"])
def test_locks_hold_hashes_and_name_no_index(lock: str) -> None:
    assert all(locked(lock).values())
    text = (LOCKS / lock).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_everything_the_project_asks_for_is_locked() -> None:
    asked = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    groups = asked["dependency-groups"].values()
    wanted = [*asked["project"]["dependencies"], *(wish for group in groups for wish in group)]
    wishes = [wish for wish in wanted if isinstance(wish, str)]
    names = {re.split(r"[<>=!~\[; ]", wish)[0].lower().replace(".", "-") for wish in wishes}
    assert names - set(locked("project.txt")) == {"libvirt-python"}


def test_a_package_that_a_distribution_does_not_have_is_left_out_by_the_tests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its lists are renewed before."""
    put_program(
        tmp_path, "apt-cache", f'[ -e {tmp_path}/new ] && [ "$2" = there ] && echo Candidate: 1; true'
    )
    put_first_on_path(monkeypatch, tmp_path)
    monkeypatch.setattr(packages, "refresh_lists", (tmp_path / "new").touch)
    wanted = [Need(name, "a reason", (f"{tmp_path}/no-program",)) for name in ("there", "nowhere")]
    monkeypatch.setattr("runtime.provisioning.needs.TEST_NEEDS", wanted)
    assert bootstrap.needs_of_tests() == wanted[:1]
    assert "no package nowhere here" in capsys.readouterr().err


def test_all_that_the_browser_tests_run_is_provided() -> None:
    proofs = {proof for need in (*TEST_NEEDS, *REPORT_NEEDS) for proof in need.proof}
    assert proofs >= {"chromium", "chromedriver", "pdftotext", "rsvg-convert", "dot"}


def test_a_python_that_lacks_its_headers_asks_for_their_package() -> None:
    bare = Python("/usr/bin/python3", "3.11", "3.11.2", system=True, headers=False, venv=False, modules=True)
    assert bare.is_usable
    assert not bare.is_complete
