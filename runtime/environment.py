"""Where the services' own Python environment lies, and what is found inside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StackEnvironment:
    """The virtual environment that holds the released services.

    Args:
        prefix: the environment's root folder, the one with ``bin`` in it.
    """

    prefix: Path

    @property
    def python(self) -> Path:
        """The environment's Python interpreter."""
        return self.prefix / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """The folder the services are installed in.

        Raises:
            FileNotFoundError: the environment has no such folder, so it is not a virtual environment.
        """
        for folder in sorted(self.prefix.glob("lib/python3*/site-packages")):
            return folder
        raise FileNotFoundError(f"{self.prefix} holds no lib/python3*/site-packages")

    def program(self, name: str) -> Path:
        """The installed program ``name``, e.g. ``nova-compute``."""
        return self.prefix / "bin" / name

    def share(self, relative: str) -> Path:
        """A data file that came with a package, e.g. ``etc/nova/api-paste.ini``."""
        return self.prefix / relative

    def versions(self) -> dict[str, str]:
        """Every distribution installed here: name as on disk to version."""
        found: dict[str, str] = {}
        for folder in self.site_packages.glob("*.dist-info"):
            name, _, version = folder.name.removesuffix(".dist-info").partition("-")
            found[name] = version
        return found
