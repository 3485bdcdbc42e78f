"""Made-up requests whose shape is known: a small create path through all lanes, and large random ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from tracer.model.function import Function
from tracer.model.hypervisor import HypervisorEvent
from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import RecordingHeader, RequestTree, Span, Value, Values

MS = 1_000_000
EPOCH = 1_700_000_000_000_000_000
CANDIDATES = "GET /allocation_candidates?limit=1000&resources=DISK_GB%3A1%2CMEMORY_MB%3A512%2CVCPU%3A1"


class Builder:
    """Builds a tree call by call; every call takes a little time on one clock."""

    def __init__(self) -> None:
        self.functions: dict[str, int] = {}
        self.spans: list[Span] = []
        self.now = 0
        self._stack: list[int] = []
        self._place: list[tuple[str, int, str]] = []

    @contextmanager
    def call(
        self,
        function: str,
        service: str = "",
        thread: str = "",
        *,
        link: Link = Link.PLAIN,
        detail: str = "",
        took: int = MS,
        error: str = "",
        later: int = 0,
    ) -> Iterator[Span]:
        """A call of ``function`` under the one that is open; ``later`` delays its begin."""
        place = self._place[-1] if self._place else ("client", 100, "MainThread")
        if service:
            place = (service, 100 + len(service), thread or "worker-1")
        elif thread:
            place = (place[0], place[1], thread)
        self.now += 10_000 + later
        number = len(self.spans) + 1
        span = Span(
            number,
            self._stack[-1] if self._stack else 0,
            self.functions.setdefault(function, len(self.functions)),
            *place,
            self.now,
            self.now,
            Outcome.RAISED if error else Outcome.RETURNED,
            link,
            detail,
            values=Values(error=Value(error)) if error else None,
        )
        self.spans.append(span)
        self._stack.append(number)
        self._place.append(place)
        yield span
        self.now += took
        self._stack.pop()
        self._place.pop()
        self.spans[number - 1] = replaced(span, end_ns=self.now)

    def plain(self, *functions: str, took: int = MS) -> None:
        """Calls one after the other, each returning at once."""
        for function in functions:
            with self.call(function, took=took):
                pass

    def tree(self, **header: object) -> RequestTree:
        """The finished tree."""
        return tree_of(list(self.functions), self.spans, **header)


def replaced(span: Span, **changes: object) -> Span:
    """``span`` with some fields changed."""
    fields = {name: getattr(span, name) for name in Span.__struct_fields__}
    return Span(**(fields | changes))  # type: ignore[arg-type]


def tree_of(functions: list[str], spans: list[Span], **header: object) -> RequestTree:
    """A tree with a header that fits."""
    services: dict[str, int] = {}
    for span in spans:
        services[span.service] = services.get(span.service, 0) + 1
    fields: dict[str, object] = {
        "scenario": "create",
        "command": "stackwalk record create",
        "trace_id": "0123456789abcdef" * 2,
        "epoch_ns": EPOCH,
        "created": "2026-11-22T12:00:00Z",
        "spans": len(spans),
        "functions": len(functions),
        "links": {},
        "services": services,
        "lanes": [],
        "orphans": [],
        "unanswered": [],
        "versions": {"nova": "34.0.0", "openstack-placement": "16.0.0"},
    } | header
    table = [Function(name, name.partition(":")[0].replace(".", "/") + ".py", 1) for name in functions]
    return RequestTree(RecordingHeader(**fields), table, spans)  # type: ignore[arg-type]


EVENTS = [
    HypervisorEvent(EPOCH + 200 * MS, "resumed", "unpaused", "instance-1"),
    HypervisorEvent(EPOCH + 201 * MS, "started", "booted", "instance-1"),
]


def boot_request() -> RequestTree:
    """A request through every kind of lane and arrow, with two threads at work at the same time."""
    b = Builder()
    with b.call("scenarios.boot:main"):
        with b.call(
            "app.wsgi:Filter.__call__", "nova-api", link=Link.HTTP, detail="POST /v2.1/servers", took=9 * MS
        ):
            with b.call("app.wsgi:Router.dispatch", took=2 * MS):
                with b.call("app.auth:Token.check"):
                    with b.call(
                        "idp.tokens:validate", "keystone", link=Link.HTTP, detail="GET /v3/auth/tokens"
                    ):
                        b.plain("idp.catalog:filter", "idp.catalog:sort")
                with b.call("app.servers:Controller.create", took=3 * MS):
                    b.plain("app.schema:validate", "app.policy:enforce", "app.policy:enforce")
                    with b.call("app.api:API.create", took=5 * MS):
                        for _ in range(4):
                            with b.call("app.objects:Quota.check"), b.call("app.db.main.api:quota_get"):
                                b.plain("app.db.main.api:_query")
                        b.plain("app.api:API._validate")
                        here = b.now
                        _conductor(b)
                        b.now = here
    return b.tree()


def _conductor(b: Builder) -> None:
    """What the cast starts; it goes on after its sender has answered the client."""
    with b.call(
        "app.conductor:Manager.schedule_and_build",
        "nova-conductor",
        link=Link.RPC_CAST,
        detail="schedule_and_build",
        later=14 * MS,
        took=2 * MS,
    ):
        with b.call("app.conductor:Manager._select", took=2 * MS):
            with b.call(
                "app.scheduler:Manager.select_destinations",
                "nova-scheduler",
                link=Link.RPC_CALL,
                detail="select_destinations",
                took=9 * MS,
            ):
                with (
                    b.call("app.scheduler:Client.get"),
                    b.call(
                        "placement.handlers:list_candidates",
                        "placement",
                        link=Link.HTTP,
                        detail=CANDIDATES,
                    ),
                ):
                    b.plain(*["placement.objects:Candidate.make"] * 6)
                b.plain(*["app.filters:Filter.passes"] * 12)
        _compute(b)


def _compute(b: Builder) -> None:
    with (
        b.call(
            "app.compute:Manager.build",
            "nova-compute",
            link=Link.RPC_CAST,
            detail="build_and_run",
            later=3 * MS,
            took=2 * MS,
        ),
        b.call(
            "app.compute:Manager._locked_build.<locals>.work", thread="pool_0", link=Link.SPAWN, took=5 * MS
        ),
    ):
        for _ in range(3):
            _save(b)
        _network(b)
        with b.call("app.driver:Driver.spawn", took=20 * MS):
            with (
                b.call("app.images:fetch"),
                b.call("imgs.api:download", "glance", link=Link.HTTP, detail="GET /v2/images/7/file"),
            ):
                b.plain("imgs.store:read")
            with (
                b.call("app.privileged:chown"),
                b.call("app.privileged:_chown", "privsep", link=Link.PRIVSEP, detail="chown"),
            ):
                pass
            with b.call("app.guest:Guest.create"):
                b.plain("libvirt:virConnect.defineXML", took=3 * MS)
                b.plain("libvirt:virDomain.createWithFlags", took=150 * MS)
        _save(b, error="StaleDataError")


def _save(b: Builder, error: str = "") -> None:
    with (
        b.call("app.objects:Instance.save"),
        b.call(
            "app.conductor:Manager.object_action",
            "nova-conductor",
            "rpc-2",
            link=Link.RPC_CALL,
            detail="object_action",
            error=error,
        ),
        b.call("app.db.main.api:instance_update"),
    ):
        pass


def _network(b: Builder) -> None:
    """Work in a thread of its own that goes on while its starter does."""
    here = b.now
    with b.call("app.network:API.allocate", thread="net_0", link=Link.SPAWN, took=30 * MS):
        with b.call("net.api:Ports.create", "neutron", link=Link.HTTP, detail="POST /v2.0/ports"):
            with b.call(
                "net.agent:Agent.port_update",
                "neutron",
                "agent-1",
                link=Link.RPC_FANOUT,
                detail="port_update",
            ):
                pass
    b.now = here + 2 * MS


def random_tree(size: int, seed: int = 0) -> RequestTree:
    """``size`` calls of 500 functions in six services; most are plain, some are messages."""
    chance = random.Random(seed)
    services = ("nova-api", "nova-conductor", "nova-scheduler", "nova-compute", "placement", "neutron")
    links = (Link.HTTP, Link.RPC_CALL, Link.RPC_CAST, Link.SPAWN)
    functions = [f"pkg{number % 20}.mod:Class{number % 50}.method_{number}" for number in range(500)]
    spans: list[Span] = []
    way: list[Span] = []
    now = 0
    while len(spans) < size:
        while way and (len(way) > 40 or chance.random() < 0.45) and len(way) > 1:
            done = way.pop()
            now += 200
            spans[done.id - 1] = replaced(done, end_ns=now)
        above = way[-1] if way else None
        link = chance.choice(links) if above and chance.random() < 0.01 else Link.PLAIN
        place = (above.service, above.pid, above.thread) if above else ("client", 1, "MainThread")
        if link is Link.SPAWN:
            place = (place[0], place[1], f"pool_{chance.randrange(4)}")
        elif link:
            service = chance.choice(services)
            place = (service, 100 + services.index(service), f"worker-{chance.randrange(4)}")
        now += 300
        span = Span(
            len(spans) + 1,
            above.id if above else 0,
            chance.randrange(len(functions)),
            *place,
            now,
            now,
            Outcome.RETURNED,
            link,
            f"message_{chance.randrange(9)}" if link else "",
        )
        spans.append(span)
        way.append(span)
    for open_span in reversed(way):
        now += 200
        spans[open_span.id - 1] = replaced(open_span, end_ns=now)
    return tree_of(functions, spans)


ODD_NAMES = (
    "m:quote\"and'apostrophe",
    "m:<script>alert(1)</script>",
    "m:f.<locals>.<lambda>",
    "m:f.<locals>.<genexpr>",
    "m:名前.метод.ναί.שלום.مرحبا",
    "m:" + "a_very_long_name_" * 17 + "end",
    "m:" + "x" * 300,
    "m:percent%%comment;semicolon#hash{brace}[bracket]",
    "m:arrow->>x-->>y: colon end note @enduml",
    "m:back\\slash\\n&amp;&#35;~tilde~__under__**bold**//italic//",
    "m:control\x00\x1b\u202eoverride\u2028line",
    "m:end",
    "m:emoji\U0001f600\u0301",
    "",
)


def odd_request() -> RequestTree:
    """Names that mean something to the languages they are written in, in every place where names go."""
    b = Builder()
    with b.call("client:main"):
        for number, name in enumerate(ODD_NAMES):
            with b.call(name, took=MS * number):
                with b.call(
                    name,
                    f"lane {name[2:60]}",
                    f"thread {name}",
                    link=Link.RPC_CALL,
                    detail=name,
                    error=name[:80],
                ):
                    b.plain(name, f"libvirt:{name}", f"x.db.api:{name}")
    return b.tree(scenario=ODD_NAMES[1], versions={"<b>&": '"1"'}, notices=list(ODD_NAMES))
