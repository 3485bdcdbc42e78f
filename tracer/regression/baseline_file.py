"""Writing and reading baseline files; see `tracer.regression.baseline` for their format."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tracer.model.kinds import CallKind
from tracer.model.whole_file import write_whole
from tracer.regression.baseline import FORMAT, VERSION, Baseline
from tracer.regression.caught import Caught
from tracer.regression.flow import Edge, Part, Seen
from tracer.regression.ordering import chains, implied
from tracer.regression.scope import Scope

_MOST_BYTES = 256 << 20
_EDGE = re.compile(
    r"(?P<lane>\S+) (?P<caller>\S+) -> (?P<callee>\S+) \[(?P<kind>[a-z-]+)\]"
    r"(?: x(?P<times>[1-9]\d*))?(?P<optional> optional)?"
)
_ORDER = re.compile(r"= (?P<lane>\S+) (?P<caller>\S+): (?P<chain>\S+(?: < \S+)+)")
_CAUGHT = re.compile(r"! (?P<lane>\S+) (?P<caller>\S+) -> (?P<raised>\S+)")
_BY_MARK = {"=": _ORDER, "!": _CAUGHT}
_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})( |$)")
_KINDS = frozenset(CallKind)
_REASON = "# reason: "
_HEAD = "head"
_WITH_TEXT = ("release", "scenario", "configuration", "driver")


class BaselineError(Exception):
    """A baseline that cannot be used: the file, the line (0: none in particular), what is wrong, a remedy."""

    def __init__(self, path: Path, line: int, problem: str, remedy: str = "") -> None:
        self.path, self.line, self.problem = path, line, problem
        self.message = f"{path}{f', line {line}' if line else ''}: {problem}"
        self.remedy = remedy
        super().__init__(self.message)


_WRITE_ANEW = (
    "Take the file from version control, or write it anew with `stackwalk baseline write --replace`."
)


def text_of(baseline: Baseline) -> str:
    """The baseline's file; the same baseline always gives the same text."""
    head = [f"# {FORMAT} {VERSION}", f"# parts: {' '.join(baseline.parts)}"]
    head += [f"# {name}: {_one_line(text)}" for name in _WITH_TEXT if (text := getattr(baseline, name))]
    if baseline.runs:
        head.append(f"# runs: {baseline.runs}")
    if baseline.scope != Scope():
        head.append(f"# scope: {msgspec.json.encode(baseline.scope).decode()}")
    if not baseline.ordered:
        head.append("# order: none, there was no source")
    head += [f"# reason: {_one_line(reason)}" for reason in baseline.reasons]
    body = sorted(map(_edge_line, baseline.edges.items()))
    body += sorted(
        f"= {lane} {caller}: {' < '.join(chain)}"
        for (lane, caller), pairs in baseline.order.items()
        for chain in chains(pairs)
    )
    body += sorted(
        f"! {_without_space(*caught[:2])} -> {_without_space(caught[2])}" for caught in baseline.caught
    )
    return "\n".join((*head, *body, *_seals([*head, *body]), f"# end {len(body)}", ""))


def _edge_line(item: tuple[Edge, Seen]) -> str:
    edge, seen = item
    times = f" x{seen.times}" if seen.times > 1 else ""
    optional = " optional" if seen.optional else ""
    ends = f"{_without_space(edge.lane, edge.caller)} -> {_without_space(edge.callee)}"
    return f"{ends} [{edge.kind}]{times}{optional}"


def _without_space(*names: str) -> str:
    return " ".join(re.sub(r"\s", "_", name) for name in names)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _seals(body: Iterable[str]) -> list[str]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for line in body:
        if not line.startswith(_REASON):
            groups[_group(line)].append(line)
    return [f"# seal {group} {_digits(lines).hex()}" for group, lines in sorted(groups.items())]


def _group(line: str) -> str:
    if line.startswith("# "):
        return _HEAD
    words = line.split(" ", 3)
    marked = words[0] in _BY_MARK
    lane, caller = words[1:3] if marked else words[:2]
    return f"{lane} {caller.partition(':')[0]}{f' {words[0]}' if marked else ''}"


def _place(line: str) -> tuple[int, str]:
    """What lines are sorted by: edges, then order, then what was caught."""
    mark = line.partition(" ")[0]
    return list(_BY_MARK).index(mark) if mark in _BY_MARK else -1, line


def _digits(lines: Iterable[str]) -> bytes:
    return bytes(zlib.crc32(line.encode()) & 0xFF for line in lines)


def save_baseline(baseline: Baseline, path: Path) -> None:
    """Write the file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    write_whole(path, text_of(baseline).encode("utf-8"))


def load_baseline(path: Path) -> Baseline:
    """Read a baseline's file.

    Raises:
        BaselineError: it is missing, corrupt, cut off, of another format or version, or was changed by hand.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BaselineError(
            path, 0, error.strerror or str(error), "Make one with `stackwalk baseline write`."
        ) from error
    if len(data) > _MOST_BYTES:
        raise BaselineError(path, 0, f"is larger than {_MOST_BYTES >> 20} MiB, which no baseline is")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BaselineError(path, data[: error.start].count(b"\n") + 1, "is not text", _WRITE_ANEW) from error
    return parse_baseline(text, path)


def parse_baseline(text: str, path: Path) -> Baseline:
    """The baseline that ``text`` is the file of; ``path`` is named in errors.

    Raises:
        BaselineError: as `load_baseline`.
    """
    return _Parsing(text, path).baseline()


class _Parsing:
    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        self.head: dict[str, str] = {}
        self.reasons: list[str] = []
        self.edges: dict[Edge, Seen] = {}
        self.listed: defaultdict[tuple[str, str], list[list[str]]] = defaultdict(list)
        self.caught: set[Caught] = set()
        self.body: list[tuple[int, str]] = []
        self.sealed: list[tuple[int, str]] = [(1, self.lines[0])]
        self.seals: dict[str, tuple[int, bytes]] = {}
        self.ended = 0

    def fail(self, line: int, problem: str, remedy: str = _WRITE_ANEW) -> BaselineError:
        return BaselineError(self.path, line, problem, remedy)

    def baseline(self) -> Baseline:
        self._first_line()
        for number, line in enumerate(self.lines, 1):
            if _CONFLICT.match(line):
                raise self.fail(
                    number,
                    "is a mark of an unresolved merge conflict",
                    "Take one side's file, then `stackwalk check ... --update --reason` on the merged tree.",
                )
        if self.lines[-1] and not self.lines[-1].startswith("# end "):
            raise self.fail(len(self.lines), "the file ends within this line: it was cut off")
        for number, line in enumerate(self.lines[1:], 2):
            if line or number < len(self.lines):
                self._line(number, line)
        if not self.ended:
            raise self.fail(len(self.lines), "the file ends here, before its last line: it was cut off")
        return self._made()

    def _first_line(self) -> None:
        first = self.lines[0]
        if self.lines == [""]:
            raise self.fail(1, "the file is empty")
        if not first.startswith(f"# {FORMAT} "):
            raise self.fail(
                1, "is not the beginning of a baseline", "Give a file that `stackwalk baseline write` made."
            )
        version = first.removeprefix(f"# {FORMAT} ")
        if version != str(VERSION):
            remedy = (
                "Update stackwalk to read it."
                if version.isdecimal() and int(version) > VERSION
                else _WRITE_ANEW
            )
            raise self.fail(
                1, f"is of format version {version[:20]!r}; this stackwalk reads {VERSION}", remedy
            )

    def _line(self, number: int, line: str) -> None:
        if self.ended:
            if line:
                raise self.fail(number, "comes after the file's last line")
        elif line.startswith("# seal "):
            self._seal(number, line)
        elif line.startswith("# end "):
            count = line.removeprefix("# end ")
            self._check_seals()
            if count != str(len(self.body)):
                raise self.fail(
                    number,
                    f"says that {count[:20]} lines come before it, but {len(self.body)} do: "
                    "lines were lost or added",
                )
            self.ended = number
        elif line.startswith("# "):
            self._head(number, line)
        else:
            self._body(number, line)

    def _head(self, number: int, line: str) -> None:
        name, colon, text = line.removeprefix("# ").partition(": ")
        if not colon or self.body or self.seals:
            raise self.fail(number, f"is not understood: {line[:80]!r}")
        if name == "reason":
            self.reasons.append(text)
            return
        self.sealed.append((number, line))
        if name in self.head or name not in (*_WITH_TEXT, "parts", "runs", "scope", "order"):
            raise self.fail(number, f"is not understood: {line[:80]!r}")
        self.head[name] = text
        self._check_head(number, name, text)

    def _check_head(self, number: int, name: str, text: str) -> None:
        try:
            if name == "scope":
                msgspec.json.decode(text, type=Scope)
            elif name == "runs":
                int(text)
            elif name == "parts":
                _ = [Part(word) for word in text.split()]
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
            raise self.fail(number, f"is not understood: {error}") from None

    def _body(self, number: int, line: str) -> None:
        if self.seals:
            raise self.fail(number, "comes after the seals: it was added by hand or by a merge")
        mark = line.partition(" ")[0]
        found = _BY_MARK.get(mark, _EDGE).fullmatch(line)
        if found is None or ("kind" in found.groupdict() and found["kind"] not in _KINDS):
            raise self.fail(number, f"is not `lane caller -> callee [kind]`: {line[:120]!r}")
        if self.body and _place(line) <= _place(self.body[-1][1]):
            problem = (
                "is there twice" if line == self.body[-1][1] else "is not in its place: the lines are sorted"
            )
            raise self.fail(number, problem)
        self.body.append((number, line))
        self.sealed.append((number, line))
        if mark == "=":
            self.listed[found["lane"], found["caller"]].append(found["chain"].split(" < "))
            return
        if mark == "!":
            self.caught.add(Caught(found["lane"], found["caller"], found["raised"]))
            return
        edge = Edge(found["lane"], found["caller"], found["callee"], found["kind"])
        if edge in self.edges:
            raise self.fail(number, "says another thing of an edge that is there already")
        self.edges[edge] = Seen(int(found["times"] or 1), bool(found["optional"]))

    def _seal(self, number: int, line: str) -> None:
        group, _, digits = line.removeprefix("# seal ").rpartition(" ")
        try:
            self.seals[group] = (number, bytes.fromhex(digits))
        except ValueError:
            raise self.fail(number, "is a seal that is not made of hexadecimal digits") from None

    def _check_seals(self) -> None:
        groups: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for number, line in self.sealed:
            groups[_group(line)].append((number, line))
        for group, lines in groups.items():
            if group not in self.seals:
                raise self.fail(lines[0][0], "has no seal: it was added by hand or by a merge")
            sealed = self.seals[group][1]
            there = _digits(line for _, line in lines)
            if there != sealed:
                at = next(
                    (n for n, (a, b) in enumerate(zip(there, sealed, strict=False)) if a != b),
                    min(len(there), len(sealed)),
                )
                number = lines[min(at, len(lines) - 1)][0]
                what = "is not the line that was written here, or one beside it is missing or new"
                raise self.fail(number, f"{what}: the file was changed by hand or by a merge")
        for group, (number, _) in self.seals.items():
            if group not in groups:
                raise self.fail(number, f"seals lines of {group}, of which there are none")

    def _made(self) -> Baseline:
        if "parts" not in self.head:
            raise self.fail(2, "says nothing of its parts: the head is not whole")
        parts = tuple(Part(word) for word in self.head["parts"].split())
        scope = msgspec.json.decode(self.head["scope"], type=Scope) if "scope" in self.head else Scope()
        texts = {name: self.head.get(name, "") for name in _WITH_TEXT}
        return Baseline(
            self.edges,
            {place: implied(listed) for place, listed in self.listed.items()},
            parts,
            scope,
            runs=int(self.head.get("runs", "0")),
            ordered="order" not in self.head,
            reasons=tuple(self.reasons),
            caught=frozenset(self.caught),
            **texts,
        )


__all__ = ["BaselineError", "load_baseline", "parse_baseline", "save_baseline", "text_of"]
