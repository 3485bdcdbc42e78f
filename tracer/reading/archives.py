"""Source archives and wheels among what is to be read: unpacked for as long as the reading takes."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tracer.reading.files import ReadingWarning
from tracer.reading.tar_files import unpack_files

_ZIPS = (".whl", ".zip")
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_WANTED = (".py", ".ini", "entry_points.txt")


@contextmanager
def unpacked(targets: Sequence[str]) -> Iterator[tuple[list[str], list[ReadingWarning]]]:
    """The ``targets`` with folders in place of archives, and warnings for archives that cannot be unpacked.

    An archive that holds a single folder (as a source archive does) stands for that folder. The folders are
    gone when the context ends.
    """
    places: list[str] = []
    warnings: list[ReadingWarning] = []
    with TemporaryDirectory(prefix="stackwalk-") as scratch:
        for number, target in enumerate(targets):
            if not target.endswith(_ZIPS + _TARS) or not Path(target).is_file():
                places.append(target)
                continue
            folder = Path(scratch, str(number))
            folder.mkdir()
            try:
                _unpack(Path(target), folder)
            except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
                warnings.append(ReadingWarning(target, 0, f"cannot be unpacked: {error}"))
                continue
            inside = list(folder.iterdir())
            single = len(inside) == 1 and inside[0].is_dir() and not target.endswith(_ZIPS)
            places.append(str(inside[0] if single else folder))
        yield places, warnings


def _unpack(archive: Path, folder: Path) -> None:
    if archive.name.endswith(_ZIPS):
        with zipfile.ZipFile(archive) as zipped:
            wanted_names = [name for name in zipped.namelist() if name.endswith(_WANTED)]
            zipped.extractall(folder, wanted_names)  # noqa: S202 - zipfile itself keeps members inside
    else:
        with tarfile.open(archive) as tarred:
            unpack_files(tarred, folder, lambda name: name.endswith(_WANTED))
