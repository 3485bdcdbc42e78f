"""Files to summaries: parsing in several processes, remembering by content."""

from __future__ import annotations

import ast
import gc
import hashlib
import io
import os
import tokenize
import warnings as python_warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

from tracer.reading.files import ReadingWarning, SourceFile
from tracer.reading.lowering import facts
from tracer.reading.lowering.facts import FileFacts

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FileFacts)
_WORTH_A_PROCESS = 60
_CHUNK = 12


def _made_by() -> str:
    """What decides how a file is summarised: the version of facts and the code that makes them."""
    digest = hashlib.blake2b(digest_size=8)
    for source in sorted(Path(facts.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return f"v{facts.FACTS_VERSION}-{digest.hexdigest()}"


class Cache:
    """Summaries by content hash in one folder; anything unreadable in it counts as absent.

    Args:
        folder: where to keep them; None to keep none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / _made_by() if folder is not None else None

    def _place(self, key: str) -> Path | None:
        return self._folder / key[:2] / key if self._folder is not None else None

    def get(self, key: str) -> FileFacts | None:
        """The summary remembered under ``key``."""
        place = self._place(key)
        if place is None:
            return None
        try:
            return _DECODER.decode(place.read_bytes())
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            return None

    def put(self, key: str, encoded: bytes) -> None:
        """Remember a summary; failing to is no error."""
        place = self._place(key)
        if place is None:
            return
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            scratch = place.with_name(f"{key}.{os.getpid()}")
            scratch.write_bytes(encoded)
            scratch.replace(place)
        except OSError:
            return


def summarize(
    files: Sequence[SourceFile],
    cache: Cache,
    processes: int,
    progress: Callable[[int], None] = lambda count: None,
) -> tuple[list[tuple[SourceFile, FileFacts]], list[ReadingWarning]]:
    """The summaries of ``files`` in their order, and warnings for those that could not be read.

    Args:
        files: what to read.
        cache: where summaries are remembered.
        processes: how many processes may parse.
        progress: told how many files were done.
    """
    found: dict[str, FileFacts] = {}
    warnings: list[ReadingWarning] = []
    missing: list[tuple[SourceFile, str, bytes]] = []
    for source in files:
        try:
            data = source.path.read_bytes()
        except OSError as error:
            warnings.append(ReadingWarning(source.file, 0, f"cannot be read: {error.strerror or error}"))
            continue
        key = hashlib.blake2b(data, digest_size=20).hexdigest()
        known = cache.get(key)
        if known is None:
            missing.append((source, key, data))
        else:
            found[source.module] = known
    progress(len(found))
    chunks = [missing[at : at + _CHUNK] for at in range(0, len(missing), _CHUNK)]
    for chunk, results in zip(chunks, _results(chunks, len(missing), processes), strict=True):
        for (source, key, _), result in zip(chunk, results, strict=True):
            if isinstance(result, bytes):
                found[source.module] = _DECODER.decode(result)
                cache.put(key, result)
            else:
                line, reason = result
                warnings.append(ReadingWarning(source.file, line, reason))
        progress(len(chunk))
    return [(source, found[source.module]) for source in files if source.module in found], warnings


Result = bytes | tuple[int, str]


def _results(
    chunks: list[list[tuple[SourceFile, str, bytes]]], count: int, processes: int
) -> Iterator[list[Result]]:
    contents = [[data for _, _, data in chunk] for chunk in chunks]
    if count < _WORTH_A_PROCESS or processes < 2:
        yield from map(_lower_all, contents)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_lower_all, contents)


def _lower_all(contents: list[bytes]) -> list[Result]:
    """Encoded summaries, or the line and reason of each failure; only bytes cross the process boundary."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return [_lower_one(data) for data in contents]
    finally:
        if was_enabled:
            gc.enable()


def _lower_one(data: bytes) -> Result:
    import libcst

    from tracer.reading.lowering.statements import lower

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, LookupError) as error:
        return 1, str(error)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return line, f"not {error.encoding}: {error.reason}"
    try:
        return _ENCODER.encode(lower(text.removeprefix("\ufeff")))
    except libcst.ParserSyntaxError as error:
        return _python_says(text) or (error.raw_line, f"syntax error: {error.message}")
    except RecursionError:
        return 1, "nested too deeply to be read"


def _python_says(text: str) -> tuple[int, str] | None:
    """Line and reason for which Python refuses ``text``, told better than by libcst; None if it does not."""
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or text[: text.find("\0") + 1].count("\n") + 1, f"syntax error: {error.msg}"
    except (ValueError, RecursionError, MemoryError):
        return None
    return None
