"""Files out of tar archives that may come from strangers."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath


def unpack_files(tarred: tarfile.TarFile, folder: Path, is_wanted: Callable[[str], bool]) -> None:
    """Write regular files of an archive below a folder; of links, devices and the like nothing is made.

    tarfile's own filters came with Python 3.11.4, which not every distribution has.

    Args:
        tarred: the archive, opened for reading.
        folder: where they go; made where it is not there.
        is_wanted: whether the file of this name, as the archive has it, is among them.

    Raises:
        tarfile.TarError: the archive is damaged, or one of the names leads out of the folder.
        OSError: the archive cannot be read, or a file not be written.
    """
    for member in tarred:
        if not member.isreg() or not is_wanted(member.name):
            continue
        name = PurePosixPath(member.name)
        if name.is_absolute() or ".." in name.parts:
            raise tarfile.ExtractError(f"{member.name!r} leads out of the archive")
        source = tarred.extractfile(member)
        assert source is not None
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with source, file.open("wb") as target:
            shutil.copyfileobj(source, target)
