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
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import msgspec

from tracer.reading.files import ReadingWarning, SourceFile
from tracer.reading.lowering import facts
from tracer.reading.lowering.facts import FileFacts, FilePlaces

_ENCODER = msgspec.msgpack.Encoder()
_WORTH_A_PROCESS = 60
_CHUNK = 12
_DIGEST = 16


def _made_by() -> str:
    """What decides how a file is summarised: the version of facts, the code that makes them, the parser."""
    digest = hashlib.blake2b(version("libcst").encode(), digest_size=8)
    for source in sorted(Path(facts.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return f"v{facts.FACTS_VERSION}-{digest.hexdigest()}"


class Content(NamedTuple):
    """A file as it is now: its bytes and their digest."""

    source: SourceFile
    data: bytes
    digest: str


class Summary(msgspec.Struct, array_like=True, gc=False):
    """What is known of one file, encoded: what happens in it (`FileFacts`) and where (`FilePlaces`)."""

    encoded_facts: bytes
    encoded_places: bytes

    @property
    def flow(self) -> str:
        """The digest of what happens: the same for files that differ in lines, comments or local names."""
        return hashlib.blake2b(self.encoded_facts, digest_size=16).hexdigest()

    def facts(self) -> FileFacts:
        """What happens in the file."""
        return msgspec.msgpack.decode(self.encoded_facts, type=FileFacts)

    def places(self) -> FilePlaces:
        """Where it does."""
        return msgspec.msgpack.decode(self.encoded_places, type=FilePlaces)


class Cache:
    """Summaries by content hash in one folder; anything unreadable in it counts as absent.

    Args:
        folder: where to keep them; None to keep none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / _made_by() if folder is not None else None

    def _place(self, key: str) -> Path | None:
        return self._folder / key[:2] / key if self._folder is not None else None

    def get(self, key: str) -> Summary | None:
        """The summary remembered under ``key``."""
        place = self._place(key)
        if place is None:
            return None
        try:
            kept = place.read_bytes()
            digest, body = kept[:_DIGEST], kept[_DIGEST:]
            if hashlib.blake2b(body, digest_size=_DIGEST).digest() != digest:
                return None
            return msgspec.msgpack.decode(body, type=Summary)
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
            scratch.write_bytes(hashlib.blake2b(encoded, digest_size=_DIGEST).digest() + encoded)
            scratch.replace(place)
        except OSError:
            return


def contents(files: Sequence[SourceFile]) -> tuple[list[Content], list[ReadingWarning]]:
    """The files as they are now, and warnings for those that cannot be opened."""
    found: list[Content] = []
    warnings: list[ReadingWarning] = []
    for source in files:
        try:
            data = source.path.read_bytes()
        except OSError as error:
            warnings.append(ReadingWarning(source.file, 0, f"cannot be read: {error.strerror or error}"))
            continue
        found.append(Content(source, data, hashlib.blake2b(data, digest_size=20).hexdigest()))
    return found, warnings


def summarize(
    files: Sequence[Content],
    cache: Cache,
    processes: int,
    progress: Callable[[int], None] = lambda count: None,
) -> tuple[dict[str, Summary], list[ReadingWarning]]:
    """The summaries of ``files`` by module, and warnings for those that are not Python.

    Args:
        files: what to read.
        cache: where summaries are remembered.
        processes: how many processes may parse.
        progress: told how many files were done.
    """
    found: dict[str, Summary] = {}
    warnings: list[ReadingWarning] = []
    missing: list[Content] = []
    for content in files:
        known = cache.get(content.digest)
        if known is None:
            missing.append(content)
        else:
            found[content.source.module] = known
    progress(len(found))
    chunks = [missing[at : at + _CHUNK] for at in range(0, len(missing), _CHUNK)]
    for chunk, results in zip(chunks, _results(chunks, len(missing), processes), strict=True):
        for content, result in zip(chunk, results, strict=True):
            if isinstance(result, bytes):
                found[content.source.module] = msgspec.msgpack.decode(result, type=Summary)
                cache.put(content.digest, result)
            else:
                line, reason = result
                warnings.append(ReadingWarning(content.source.file, line, reason))
        progress(len(chunk))
    return found, warnings


Result = bytes | tuple[int, str]


def _results(chunks: list[list[Content]], count: int, processes: int) -> Iterator[list[Result]]:
    data = [[content.data for content in chunk] for chunk in chunks]
    if count < _WORTH_A_PROCESS or processes < 2:
        yield from map(_lower_all, data)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_lower_all, data)


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
        facts, places = lower(text.removeprefix("\ufeff"))
        return _ENCODER.encode(Summary(_ENCODER.encode(facts), _ENCODER.encode(places)))
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
