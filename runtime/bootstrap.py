"""Gets a bare machine ready: Debian packages, the project's environment, the stack's environment, the guest.

Run it from the checkout with any Python from 3.9 on: ``python3 -m runtime.bootstrap``. What is there
already is left alone.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from runtime.provisioning import console, environments, guest, needs, packages, pythons
from runtime.provisioning.console import SetupError
from runtime.provisioning.environments import Installer

CHECKOUT = Path(__file__).resolve().parent.parent


def ready_python() -> tuple[pythons.Python, list[needs.Need]]:
    """The Python to use, and what packages it lacks.

    Raises:
        SetupError: there is none, and apt has none to offer.
    """
    python = pythons.choose(os.environ)
    if python is not None:
        return python, list(needs.python_needs(python.version, python.headers, python.venv))
    raise SetupError(
        f"No usable Python was found here; one of {', '.join(pythons.PREFERENCE)} is needed.",
        "install one (Debian 12 and Ubuntu 24.04 have one as python3; elsewhere `apt-get install "
        "python3.11`, or a version manager such as pyenv) and make sure that it is on PATH",
    )


def provide_packages(wanted: Sequence[needs.Need]) -> None:
    """Install what is missing of ``wanted`` and see that it is there then.

    Raises:
        SetupError: it could not be installed.
    """
    lacking = packages.missing(wanted)
    if not lacking:
        return
    packages.install(lacking)
    still = [need.package for need in packages.missing(lacking) if need.proof]
    if still:
        raise SetupError(
            f"apt-get installed {', '.join(still)}, and yet what they should bring was not found.",
            "`make doctor` says what is looked for",
        )


def needs_of_tests() -> list[needs.Need]:
    """What the tests lack, as far as this distribution has it; what it has not is said.

    Raises:
        SetupError: apt's lists could not be renewed.
    """
    lacking = packages.missing(needs.TEST_NEEDS)
    offered = packages.offered(lacking) if lacking else []
    for need in lacking:
        if need not in offered:
            console.say(f"There is no package {need.package} here ({need.reason}): such tests are left out.")
    return offered


def prepare(with_tests: bool, cache: Path) -> None:
    """Do all of it; a second time it finds everything in place and changes nothing.

    Args:
        with_tests: also what only the tests need (a browser).
        cache: where the stack's environment goes.

    Raises:
        SetupError: something is missing and could not be provided.
    """
    python, python_needs = ready_python()
    wanted = [
        *needs.STACK_NEEDS,
        *needs.REPORT_NEEDS,
        *(needs_of_tests() if with_tests else ()),
        *python_needs,
    ]
    provide_packages(wanted)
    if python_needs:
        python = pythons.examine(python.executable) or python
    libvirt = environments.libvirt_version()
    if python.version == "3.11":
        console.say(
            f"Using Python {python.release}, as no 3.12 or 3.13 was found: the recorder falls back to its "
            "slower collector there."
        )
    installer = Installer(cache, python)
    environments.ensure_project_environment(installer, python, libvirt, CHECKOUT)
    environments.ensure_stack_environment(installer, python, libvirt)
    guest.ensure_guest(cache)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m runtime.bootstrap", description=__doc__)
    parser.add_argument(
        "--tests", dest="with_tests", action="store_true", help="also install what only the tests need"
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=environments.cache_folder(),
        help="folder of the stack's environment (default: %(default)s; also STACKWALK_CACHE)",
    )
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        prepare(options.with_tests, options.cache.absolute())
    except SetupError as error:
        console.render(error)
        return 2
    except KeyboardInterrupt:
        console.say("interrupted; what was installed stays, and the next run carries on from there")
        return 130
    console.say(f"Everything is in place ({time.monotonic() - started:.1f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
