"""Random requests, known whole, and the same cut into what each of their processes would have recorded."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.recording.raw import Outgoing, ProcessRecord, RawSpan

SERVICES = ("nova-api", "nova-conductor", "nova-compute", "placement", "privsep")
ACROSS = (Link.HTTP, Link.RPC_CALL, Link.RPC_CAST, Link.RPC_FANOUT, Link.PRIVSEP)
TRACE = "0123456789abcdef" * 2
BOOT = 1_700_000_000_000_000_000


@dataclass
class Call:
    """One call of the true request; ``name`` is unique, so that it can be found again in any tree."""

    name: str
    process: int
    thread: str
    start: int
    end: int
    link: Link = Link.PLAIN
    children: list[Call] = field(default_factory=list)

    def walk(self, parent: str = "") -> list[tuple[str, str, Call]]:
        """(parent's name, own name, call) depth-first, siblings by start."""
        result = [(parent, self.name, self)]
        for child in self.children:
            result += child.walk(self.name)
        return result


def random_request(seed: int, size: int) -> Call:
    """A request of ``size`` calls in up to five processes besides the client."""
    chance = random.Random(seed)
    root = Call("f0", 0, "MainThread", 1_000, 1_000_000)
    calls = [root]
    while len(calls) < size:
        above = chance.choice(calls[-12:])
        start = max([above.start, *(child.start for child in above.children)]) + chance.randrange(1, 50)
        call = Call(f"f{len(calls)}", above.process, above.thread, start, start + chance.randrange(5_000))
        if chance.random() < 0.2:
            call.link = chance.choice((*ACROSS, Link.SPAWN))
            call.thread = f"worker-{len(calls)}"
            if call.link is not Link.SPAWN:
                call.process = chance.randrange(1, len(SERVICES) + 1)
        above.children.append(call)
        calls.append(call)
    return root


def cut(root: Call, seed: int = 0) -> list[ProcessRecord]:
    """What the processes of the request recorded, in no particular order."""
    chance = random.Random(seed)
    records: dict[int, ProcessRecord] = {}
    numbers: dict[str, int] = {}
    for parent, name, call in root.walk():
        record = records.setdefault(call.process, empty_record(call.process))
        number = numbers[name] = len(record.spans) + 1
        incoming = ""
        if call.link:
            incoming = f"{len(numbers):016x}"
            sender = next(above for _, above_name, above in root.walk() if above_name == parent)
            records[sender.process].outgoing.append(
                Outgoing(incoming, numbers[parent], call.start - 1, call.link, f"to {name}")
            )
        record.functions.append(Function(f"nova.made:{name}", "nova/made.py", number))
        record.spans.append(
            RawSpan(
                number,
                0 if call.link or not parent else numbers[parent],
                number - 1,
                call.thread,
                call.start,
                call.end,
                Outcome.RETURNED,
                0,
                0,
                incoming,
            )
        )
        record.last_seen = max(record.last_seen, call.end)
    shuffled = list(records.values())
    chance.shuffle(shuffled)
    for record in shuffled:
        chance.shuffle(record.spans)
        chance.shuffle(record.outgoing)
    return shuffled


def empty_record(process: int = 0) -> ProcessRecord:
    """A closed record of a process that did nothing yet; process 0 is the client."""
    return ProcessRecord(
        trace_id=TRACE,
        service="client" if process == 0 else SERVICES[process - 1],
        pid=100 + process,
        program="program",
        python="3.12.1",
        collector="monitoring",
        realtime_offset=BOOT,
        last_seen=0,
        closed=True,
        functions=[],
        spans=[],
        outgoing=[],
    )
