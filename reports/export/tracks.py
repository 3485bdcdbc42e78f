"""Which spans stand on one line of time: where tools draw threads, calls must lie inside of each other."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from tracer.model.stored_tree import SpanTable

NONE = -1


@dataclass(frozen=True)
class Process:
    """One process of a recording.

    ``number`` counts from 1: pids of two hosts may be the same.
    """

    number: int
    service: str
    pid: int


@dataclass(frozen=True)
class Track:
    """One line of time: a thread's, or what of a thread does not fit on its first.

    ``number`` counts from 1 and is unique among processes and tracks.
    """

    number: int
    process: Process
    name: str


class Tracks:
    """Puts every span on a track on which spans only follow each other or lie inside of each other.

    A stack of calls is a span that no call of the same thread led to, with all calls below it. Stacks of one
    thread that overlap, as those of threads of the same name may, go to different tracks, and so do calls of
    one caller that overlap. An end that lies after its caller's is taken back to that.

    Args:
        table: all spans.

    Attributes:
        processes: in the order of the table.
        tracks: the tracks, by process, then by thread.
        shortened: how many ends were taken back.
    """

    def __init__(self, table: SpanTable) -> None:
        self._table = table
        self._stack = array("l")
        self._bottoms: list[int] = []
        self.shortened = 0
        self.end = array("q", table.end)
        self._find_stacks()
        self.processes: list[Process] = []
        self.tracks: list[Track] = []
        self._track_of: list[Track] = []
        self._place_stacks()

    def track(self, number: int) -> Track:
        """The track of span ``number``."""
        return self._track_of[self._stack[number - 1]]

    def stacks(self) -> Iterator[tuple[Track, list[array[int]]]]:
        """For each track its stacks in order of time, each with the numbers of its spans, depth first."""
        sizes = array("l", [0]) * (len(self._bottoms) + 1)
        for stack in self._stack:
            sizes[stack + 1] += 1
        for index in range(1, len(sizes)):
            sizes[index] += sizes[index - 1]
        following = array("l", sizes)
        members = array("l", [0]) * len(self._table)
        for number, stack in enumerate(self._stack, 1):
            members[following[stack]] = number
            following[stack] += 1
        by_track: dict[int, list[int]] = {}
        for stack in sorted(range(len(self._bottoms)), key=self._beginning):
            by_track.setdefault(self._track_of[stack].number, []).append(stack)
        for track in self.tracks:
            yield track, [members[sizes[stack] : sizes[stack + 1]] for stack in by_track[track.number]]

    def _beginning(self, stack: int) -> tuple[int, int]:
        bottom = self._bottoms[stack]
        return self._table.start[bottom - 1], bottom

    def _find_stacks(self) -> None:
        table, ends = self._table, self.end
        places, parents, starts = table.place, table.parent, table.start
        # Until when the caller is busy with what it called before.
        busy = array("q", starts)
        for at, parent in enumerate(parents):
            above = parent - 1
            called = parent and places[above] == places[at] and not table.linked(at + 1)
            if called and busy[above] <= starts[at] <= ends[above]:
                self._stack.append(self._stack[above])
                if ends[at] > ends[above]:
                    ends[at] = ends[above]
                    self.shortened += 1
                busy[above] = ends[at]
            else:
                self._stack.append(len(self._bottoms))
                self._bottoms.append(at + 1)

    def _place_stacks(self) -> None:
        table = self._table
        processes: dict[tuple[str, int], int] = {}
        lines: set[tuple[int, int]] = set()
        until: dict[int, list[int]] = {}
        line_of = [(0, 0)] * len(self._bottoms)
        for stack in sorted(range(len(self._bottoms)), key=self._beginning):
            at = self._bottoms[stack] - 1
            place = table.place[at]
            ends = until.setdefault(place, [])
            line = next((line for line, end in enumerate(ends) if end <= table.start[at]), len(ends))
            if line == len(ends):
                ends.append(0)
            ends[line] = self.end[at]
            line_of[stack] = (place, line)
            lines.add((place, line))
        for where in table.places:
            processes.setdefault((where.service, where.pid), len(processes) + 1)
        self.processes = [Process(number, *key) for key, number in processes.items()]
        made: dict[tuple[int, int], Track] = {}

        def order(key: tuple[int, int]) -> tuple[int, tuple[int, int]]:
            where = table.places[key[0]]
            return processes[where.service, where.pid], key

        for key in sorted(lines, key=order):
            where = table.places[key[0]]
            process = self.processes[processes[where.service, where.pid] - 1]
            name = where.thread or where.service
            number = len(processes) + len(made) + 1
            made[key] = Track(number, process, f"{name} ({key[1] + 1})" if key[1] else name)
        self.tracks = list(made.values())
        self._track_of = [made[key] for key in line_of]
