"""Notes on functions and edges: what happens there, why, and what would go wrong without it.

A note is a Markdown file with a header, then one part a language::

    ---
    anchor: nova.compute.manager:ComputeManager.build_and_run_instance
    chapter: compute
    releases: 34..
    ---

    # en: The build moves to another thread

    ## what
    ## why
    ## without

Both languages stand in one file, so that a change to one of them is seen beside the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

SECTIONS = ("what", "why", "without")
"""What happens here; why it is there; what would go wrong without it."""

LARGEST_FILE = 1 << 16
"""Bytes of a note; more is not a note."""

DEFAULT_LANGUAGE = "en"

_NAME = r"[^\W\d]\w*"
_PART = rf"({_NAME}|<locals>|<lambda>|<genexpr>|<(list|set|dict)comp>)"
_FUNCTION_ID = re.compile(rf"{_NAME}(\.{_NAME})*:(<module>|{_PART}(\.{_PART})*)")
_RELEASES = re.compile(r"(?P<first>\d+)?(?P<dots>\.\.)?(?P<last>\d+)?")
_RELEASE_IN_LABEL = re.compile(r"([\w.-]+)=([\w.+-]+)")
_LANGUAGE = re.compile(r"# (?P<language>[a-z]{2}(?:-[A-Za-z]+)?): (?P<title>\S.*)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\W?[A-Z0-9`])|(?<=[\u3002\uff01\uff1f])")
_MARKS = re.compile(r"`|\*(?=\w)|(?<=\w)\*")
_TURNS_TEXT_AROUND = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class NotesError(Exception):
    """Notes that cannot be used.

    Args:
        problems: one line each, ``file:line: what is wrong``.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class Anchor(msgspec.Struct, frozen=True, order=True):
    """What a note is about: a function, or, with a ``caller``, an edge. Both are function ids."""

    function: str
    caller: str = ""

    def __str__(self) -> str:
        return f"{self.caller} -> {self.function}" if self.caller else self.function

    @property
    def ids(self) -> tuple[str, ...]:
        """The function ids it names, in the order of the call."""
        return (self.caller, self.function) if self.caller else (self.function,)


class Releases(msgspec.Struct, frozen=True):
    """A range of major versions of the package that holds the anchor, both ends included, 0 for open."""

    first: int = 0
    last: int = 0

    def holds(self, version: str) -> bool:
        """Whether ``version`` is in the range; an empty one (not known) always is."""
        major = re.match(r"\d+", version)
        if major is None:
            return True
        return int(major[0]) >= self.first and (not self.last or int(major[0]) <= self.last)

    def meet(self, other: Releases) -> bool:
        """Whether some release is in both ranges."""
        return (not self.last or other.first <= self.last) and (not other.last or self.first <= other.last)


class NoteText(msgspec.Struct, frozen=True):
    """A note in one language. The sections are Markdown, to be shown with raw HTML switched off."""

    title: str
    what: str
    why: str
    without: str

    @property
    def first_sentence(self) -> str:
        """The first sentence of what happens, without Markdown's marks."""
        words = " ".join(self.what.split("\n\n", 1)[0].split())
        return _MARKS.sub("", _SENTENCE_END.split(words, maxsplit=1)[0])

    @property
    def brief(self) -> str:
        """Title and first sentence."""
        colon = "" if self.title.endswith(("?", "\uff1f")) else ":"
        return f"{self.title}{colon} {self.first_sentence}"


class Note(msgspec.Struct, frozen=True):
    """One note in all its languages. ``file`` is relative to the notes' folder, ``chapter`` may be empty."""

    anchor: Anchor
    file: str
    texts: dict[str, NoteText]
    chapter: str = ""
    releases: Releases = Releases()

    def text(self, language: str) -> NoteText:
        """The note in ``language``, else in English, else in the language it was written in first."""
        for wanted in (language, DEFAULT_LANGUAGE):
            if wanted in self.texts:
                return self.texts[wanted]
        return next(iter(self.texts.values()))

    def applies(self, versions: Mapping[str, str]) -> bool:
        """Whether the note is about the release in use.

        Args:
            versions: version by distribution name, as in `RecordingHeader.versions`.
        """
        return self.releases.holds(package_version(self.anchor.function, versions))


class Notes:
    """A collection of notes, in the order of their files.

    Args:
        notes: no two of them for the same anchor in the same release.
    """

    def __init__(self, notes: Iterable[Note]) -> None:
        self.notes = tuple(notes)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """All languages that some note has, sorted."""
        return tuple(sorted({language for note in self.notes for language in note.texts}))

    @cached_property
    def by_function(self) -> dict[str, list[Note]]:
        """Notes by the function that is called, notes on an edge before the one on the function itself."""
        result: dict[str, list[Note]] = {}
        for note in sorted(self.notes, key=lambda note: not note.anchor.caller):
            result.setdefault(note.anchor.function, []).append(note)
        return result


def package_version(function_id: str, versions: Mapping[str, str]) -> str:
    """The version of the package a function belongs to, or an empty string.

    Args:
        function_id: the function.
        versions: version by distribution name (``nova``, ``openstack_placement``, ``python-glanceclient``).
    """
    package = re.split(r"[.:]", function_id, maxsplit=1)[0]
    for name, version in versions.items():
        words = [word for word in re.split(r"[-_.]", name.lower()) if word not in ("python", "openstack")]
        if "_".join(words) == package.lower():
            return version
    return ""


def releases_in(label: str) -> dict[str, str]:
    """Version by distribution name, as a graph's label says it (``nova=34.0.0 placement=16.0.0``)."""
    return dict(_RELEASE_IN_LABEL.findall(label))


def read_notes(folder: Path) -> Notes:
    """Read all notes (``*.md``) in ``folder`` and the folders below it.

    Args:
        folder: where the notes are.

    Raises:
        NotesError: with all that is wrong in them.
    """
    files = sorted(path for path in folder.rglob("*.md") if path.is_file())
    if not files:
        raise NotesError([f"{folder}: no notes (*.md files) in this folder"])
    notes: list[Note] = []
    problems: list[str] = []
    for path in files:
        file = path.relative_to(folder).as_posix()
        try:
            notes.append(parse_note(_text(path), file))
        except MalformedNoteError as error:
            problems.append(f"{path}:{error.line}: {error}")
    problems.extend(_duplicates(folder, notes))
    if problems:
        raise NotesError(problems)
    return Notes(notes)


def parse_note(text: str, file: str) -> Note:
    """Parse one note.

    Args:
        text: the file's content.
        file: its name, for the note to know where it is from.

    Raises:
        MalformedNoteError: when it is not a note.
    """
    lines = text.split("\n")
    _refuse_hidden_characters(lines)
    header, body = _header(lines)
    texts: dict[str, NoteText] = {}
    for start, language, title, end in _parts(lines, body):
        if language in texts:
            raise MalformedNoteError(start, f"the language {language} comes twice")
        texts[language] = NoteText(title, **_sections(lines, start, end))
    releases = _releases(*header["releases"]) if "releases" in header else Releases()
    chapter = header.get("chapter", (0, ""))[1]
    return Note(_anchor(*header["anchor"]), file, texts, chapter, releases)


class MalformedNoteError(ValueError):
    """A text that is not a note, and the line (1-based) where that shows."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise MalformedNoteError(1, f"cannot be read: {error.strerror}") from None
    if len(data) > LARGEST_FILE:
        raise MalformedNoteError(1, f"more than {LARGEST_FILE:,} bytes, which is too long for a note")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedNoteError(line, "not UTF-8 text") from None


def _refuse_hidden_characters(lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        for character in line:
            if unicodedata.category(character) == "Cc" or character in _TURNS_TEXT_AROUND:
                raise MalformedNoteError(number, f"contains the invisible character U+{ord(character):04X}")


def _header(lines: list[str]) -> tuple[dict[str, tuple[int, str]], int]:
    """The header's values with their lines, and the index of the first line after it."""
    if lines[0].rstrip() != "---":
        raise MalformedNoteError(1, "does not begin with a header between two lines of ---")
    header: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            if "anchor" not in header:
                raise MalformedNoteError(number, "the header names no anchor")
            return header, number
        key, colon, value = line.partition(":")
        if not colon or not value.strip():
            raise MalformedNoteError(number, "not a line of the form `key: value`")
        if key not in ("anchor", "chapter", "releases"):
            raise MalformedNoteError(number, f"unknown key {key!r}; known are anchor, chapter and releases")
        if key in header:
            raise MalformedNoteError(number, f"{key} comes twice")
        header[key] = (number, value.strip())
    raise MalformedNoteError(1, "the header has no end (a line of ---)")


def _anchor(line: int, value: str) -> Anchor:
    caller, arrow, callee = value.partition(" -> ")
    anchor = Anchor(callee.strip(), caller.strip()) if arrow else Anchor(value)
    for function in anchor.ids:
        if not _FUNCTION_ID.fullmatch(function):
            raise MalformedNoteError(line, f"{function!r} is not a function id (module:qualname)")
    return anchor


def _releases(line: int, value: str) -> Releases:
    found = _RELEASES.fullmatch(value)
    if found is None or not (found["first"] or found["last"]) or (found["last"] and not found["dots"]):
        raise MalformedNoteError(
            line, f"{value!r} is not a range of releases such as 34, 34.., ..33 or 32..33"
        )
    first = int(found["first"] or 0)
    last = int(found["last"] or 0) if found["dots"] else first
    if last and last < first:
        raise MalformedNoteError(line, f"the range of releases {value} ends before it begins")
    return Releases(first, last)


def _parts(lines: list[str], body: int) -> list[tuple[int, str, str, int]]:
    """The parts by language: line number of the heading, language, title, line number of the last line."""
    found: list[tuple[int, str, str]] = []
    for number, line in enumerate(lines[body:], body + 1):
        if line.startswith("# "):
            heading = _LANGUAGE.fullmatch(line.rstrip())
            if heading is None:
                raise MalformedNoteError(number, "not a heading of the form `# en: Title`")
            found.append((number, heading["language"], heading["title"]))
        elif line.strip() and not found:
            raise MalformedNoteError(number, "text before the first heading (`# en: Title`)")
    if not found:
        raise MalformedNoteError(len(lines), "has no text (`# en: Title`)")
    ends = [start - 1 for start, _, _ in found[1:]] + [len(lines)]
    return [(start, language, title, end) for (start, language, title), end in zip(found, ends, strict=True)]


def _sections(lines: list[str], start: int, end: int) -> dict[str, str]:
    """The sections of the part whose heading is on line ``start`` and whose last line is ``end``."""
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number in range(start + 1, end + 1):
        line = lines[number - 1].rstrip()
        if line.startswith("#"):
            name = line.removeprefix("## ")
            if name not in SECTIONS:
                raise MalformedNoteError(
                    number, f"not one of the headings {', '.join(f'## {s}' for s in SECTIONS)}"
                )
            if name in sections:
                raise MalformedNoteError(number, f"the section {name} comes twice")
            current = sections[name] = []
        elif current is not None:
            current.append(line)
        elif line:
            raise MalformedNoteError(number, "text before the first section (## what)")
    texts = {name: "\n".join(sections.get(name, ())).strip() for name in SECTIONS}
    for name, text in texts.items():
        if not text:
            raise MalformedNoteError(start, f"the section {name} is missing or empty")
    return texts


def _duplicates(folder: Path, notes: list[Note]) -> Iterator[str]:
    seen: dict[Anchor, list[Note]] = {}
    for note in notes:
        for earlier in seen.setdefault(note.anchor, []):
            if earlier.releases.meet(note.releases):
                yield f"{folder / note.file}:1: {earlier.file} already has a note on {note.anchor}"
        seen[note.anchor].append(note)
