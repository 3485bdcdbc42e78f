"""Small recordings with sources of their own, to be rendered and looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tracer.model.function import Function
from tracer.model.hypervisor import Hypervisor, HypervisorEvent
from tracer.model.kinds import Link, Outcome
from tracer.model.recording_folder import Recording, write_recording
from tracer.model.request_tree import (
    Lane,
    Orphan,
    RecordingHeader,
    RequestTree,
    Span,
    UnansweredLink,
    Value,
    Values,
)

EPOCH = 1_700_000_000_000_000_000
HOSTILE = (
    "</pre><script>document.title = 'owned'</script>"
    "<img src=x onerror=\"document.title='owned'\">\u202e\x00\x1b[31m"
)
HUGE = "</script>" * 1_200_000
"""Ten megabytes."""

SHOP = '''\
"""A shop: orders come in, parcels go out."""


class Shop:
    """Takes orders."""

    def order(self, what):
        """Take an order and have it sent."""
        price = self.price(what)
        self.post.send(what, price)
        return {"order": what}

    def price(self, what):
        if what == "gold":
            raise KeyError(what)
        return len(what)


def checked(function):
    def wrapped(*args):
        return function(*args)

    return wrapped
'''
DEPOT = """\
class Depot:
    @staticmethod
    def pack(what):
        return [part for part in what]

    def ship(self, what, price):
        self.pool.submit(self.pack, what)
        return True
"""
FUNCTIONS = [
    Function("customer:buy", "customer.py", 1),
    Function("shop:Shop.order", "shop/shop.py", 7),
    Function("shop:Shop.price", "shop/shop.py", 13),
    Function("depot:Depot.ship", "shop/depot.py", 6),
    Function("depot:Depot.pack", "shop/depot.py", 2),
    Function("libvirtmod:start"),
    Function("shop:checked.<locals>.wrapped", "shop/shop.py", 20),
]
SOURCES = {
    "shop/shop.py": SHOP.encode(),
    "shop/depot.py": DEPOT.encode(),
}


def shop_spans() -> list[Span]:
    """A customer's order: over HTTP to the api, by a cast to the compute service, into a thread, to C."""
    ms = 1_000_000
    order = Values(
        {
            "self": Value("Shop", "<Shop>"),
            "what": Value("str", "'silver'", 6),
            "password": Value("str", "", 9, masked=True),
        },
        Value("dict", '{"order": "silver"}', 1),
    )
    refused = Values({"what": Value("str", "'gold'", 4)}, error=Value("KeyError", "'gold'"))
    return [
        Span(1, 0, 0, "client", 10, "MainThread", 0, 40 * ms),
        Span(
            2,
            1,
            1,
            "nova-api",
            20,
            "worker-1",
            2 * ms,
            30 * ms,
            link=Link.HTTP,
            link_detail="POST /orders",
            values=order,
        ),
        Span(3, 2, 6, "nova-api", 20, "worker-1", 3 * ms, 5 * ms, call_line=9),
        Span(
            4, 3, 2, "nova-api", 20, "worker-1", 3 * ms, 4 * ms, Outcome.RAISED, call_line=21, values=refused
        ),
        Span(
            5,
            2,
            3,
            "nova-compute",
            30,
            "rpc-1",
            8 * ms,
            50 * ms,
            link=Link.RPC_CAST,
            link_detail="ship",
            call_line=10,
        ),
        Span(
            6,
            5,
            4,
            "nova-compute",
            30,
            "pool-1",
            12 * ms,
            60 * ms,
            link=Link.SPAWN,
            link_detail="Depot.pack",
            call_line=7,
        ),
        Span(7, 6, 5, "libvirtd", 40, "", 20 * ms, 21 * ms, link=Link.NATIVE, link_detail="start"),
        Span(8, 6, 2, "nova-compute", 30, "pool-1", 22 * ms, 23 * ms, Outcome.UNFINISHED),
        Span(9, 5, 4, "nova-compute", 30, "rpc-1", 24 * ms, 25 * ms, activation=2, call_line=7),
    ]


HYPERVISOR = Hypervisor(
    events=[HypervisorEvent(EPOCH + 21_500_000, "started", "booted", "guest-1")],
    domain_xml='<domain type="qemu">\n  <name>guest-1</name>\n</domain>\n',
    qemu_command_line="/usr/bin/qemu-system-x86_64 -name guest-1 -display none",
    console="the guest is up\n",
    connection={"uri": "qemu:///system", "flags": "read-only", "refused_write": "operation forbidden"},
)


def shop_recording(folder: Path, *, hypervisor: Hypervisor | None = HYPERVISOR) -> Recording:
    """The order's recording, written into ``folder``."""
    return write_recording(
        folder, _tree("order silver", FUNCTIONS, shop_spans()), sources=SOURCES, hypervisor=hypervisor
    )


def hostile_recording(folder: Path) -> Recording:
    """A recording whose every text tries to be something else, one of them huge."""
    functions = [
        Function("a:b", "x.py", 1),
        Function(f"evil:{HOSTILE}", "x.py", 1),
        Function("a:<lambda>", "missing.py", 4),
    ]
    values = Values({HOSTILE: Value(HOSTILE, HOSTILE), "huge": Value("str", HUGE, len(HUGE))})
    spans = [
        Span(1, 0, 0, "client", 1, HOSTILE, 0, 9_000),
        Span(
            2,
            1,
            1,
            f"service {HOSTILE}",
            2,
            HOSTILE,
            1_000,
            8_000,
            link=Link.HTTP,
            link_detail=HOSTILE,
            values=values,
        ),
        Span(3, 1, 2, "client", 1, "t", 8_500, 8_700, call_line=99),
    ]
    tree = _tree(
        HOSTILE,
        functions,
        spans,
        facts={HOSTILE: HOSTILE},
        notices=[HOSTILE],
        orphans=[Orphan(3, HOSTILE)],
        unanswered=[UnansweredLink(2, Link.HTTP, HOSTILE, HOSTILE)],
    )
    source = f"def b():\n    '''{HOSTILE}'''\n    return '{HUGE}'\n"
    hypervisor = Hypervisor(
        events=[HypervisorEvent(EPOCH, HOSTILE, HOSTILE, HOSTILE)],
        domain_xml=f"<domain>{HOSTILE}</domain>",
        qemu_command_line=f"qemu {HOSTILE}",
        console=HUGE + HOSTILE * 3,
        connection={"uri": HOSTILE},
    )
    return write_recording(folder, tree, sources={"x.py": source.encode()}, hypervisor=hypervisor)


def wide_recording(folder: Path, count: int) -> Recording:
    """A recording of ``count`` spans: chains of ten calls side by side below the root."""
    spans = [Span(1, 0, 0, "client", 1, "MainThread", 0, 10_000 * count)]
    for number in range(2, count + 1):
        parent = 1 if number % 10 == 2 else number - 1
        spans.append(
            Span(number, parent, 1 + number % 6, "nova-api", 2, "w", 9_000 * number, 9_000 * number + 4_000)
        )
    return write_recording(folder, _tree("many calls", FUNCTIONS, spans), sources=SOURCES)


def _tree(
    scenario: str,
    functions: Sequence[Function],
    spans: Sequence[Span],
    *,
    facts: dict[str, str] | None = None,
    notices: Sequence[str] = (),
    orphans: Sequence[Orphan] = (),
    unanswered: Sequence[UnansweredLink] = (),
) -> RequestTree:
    services = Counter(span.service for span in spans)
    header = RecordingHeader(
        scenario=scenario,
        command="stackwalk record create",
        trace_id="ab" * 16,
        epoch_ns=EPOCH,
        created="2023-11-14T22:13:20Z",
        spans=len(spans),
        functions=len(functions),
        links=dict(Counter(span.link.value for span in spans if span.link)),
        services=dict(services),
        lanes=[Lane(service, 1, service, "3.12.1", "sys.monitoring") for service in services],
        orphans=list(orphans),
        unanswered=list(unanswered),
        versions={"shop": "1.0"},
        facts=facts if facts is not None else {"accelerator": "TCG"},
        notices=list(notices),
    )
    return RequestTree(header, functions, spans)
