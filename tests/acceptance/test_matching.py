"""The measure of found hops counts what it should, and nothing else."""

from __future__ import annotations

import pytest

from tests.acceptance.hops import load_sample, measure
from tests.acceptance.matching import How, Matcher, dotted
from tests.acceptance.observability import Hop, why_unobservable
from tracer.model.function import Function
from tracer.model.kinds import Link
from tracer.model.request_tree import RecordingHeader, RequestTree, Span

A_TO_B = ("nova.a.f", "nova.b.g")
HEADER = RecordingHeader("", "", "", 0, "", 0, 0, {}, {}, [], [], [], {})


def tree(*chain: str) -> RequestTree:
    """Spans under each other (``a > b``: one level deeper); ``link:`` before a name makes it a link.

    A name that starts with ``|`` is the next sibling of the one before it.
    """
    functions: list[Function] = []
    spans: list[Span] = []
    for number, name in enumerate(chain, 1):
        sibling, name = name.startswith("|"), name.removeprefix("|")
        link, _, name = name.rpartition("=")
        functions.append(Function(name, f"{name.partition(':')[0].replace('.', '/')}.py", 10))
        parent = spans[-1].parent if sibling else number - 1
        spans.append(
            Span(
                number, parent, number - 1, "nova-api", 1, "t", number * 10, number * 10 + 5, link=Link(link)
            )
        )
    return RequestTree(HEADER, functions, spans)


def hop(caller: str, callee: str, kind: str = "direct call", **more: object) -> Hop:
    return Hop(1, "05-compute-api", caller, callee, kind, "api", **more)  # type: ignore[arg-type]


def find(request: RequestTree, wanted: Hop) -> How:
    return Matcher(request).find(wanted)


def test_ids_become_dotted_names() -> None:
    assert dotted("nova.x:C.f.<locals>.g") == "nova.x.C.f.g"
    assert dotted("nova.x:<module>") == "nova.x"


@pytest.mark.parametrize(
    ("chain", "wanted", "how"),
    [
        (["nova.a:f", "nova.b:C.g"], ("nova.a.f", "nova.b.C.g"), How.DIRECT),
        (["nova.b:C.g", "nova.a:f"], ("nova.a.f", "nova.b.C.g"), How.ABSENT),
        (["nova.a:f", "nova.x:between", "nova.b:g"], A_TO_B, How.ABSENT),
        (["nova.a:f", "rpc-cast=nova.b:g"], A_TO_B, How.LINK),
        (["nova.a:f", "oslo_messaging.rpc.client:_C.call", "nova.b:g"], A_TO_B, How.WRAPPERS),
        (["nova.a:f", "nova.w:deco.<locals>.wrapper", "nova.b:g"], A_TO_B, How.WRAPPERS),
        (["nova.a:f", "nova.w:lock.<locals>.strangely_named", "nova.b:g"], A_TO_B, How.WRAPPERS),
        (["nova.w:make", "nova.w:make.<locals>.work", "nova.b:g"], ("nova.w.make", "nova.b.g"), How.CLOSURE),
        (["nova.w:d.<locals>.wrapped", "nova.v:e.<locals>.wrapper", "nova.b:g"],
         ("nova.w.d.wrapped", "nova.b.g"), How.WRAPPERS),
        (["nova.a:f", "nova.b:g.<locals>.<lambda>", "nova.b:h"], ("nova.a.f", "nova.b.h"), How.WRAPPERS),
        (["nova.m:M.get.<locals>._tracked", "nova.b:g"], ("nova.m.M.get", "nova.b.g"), How.CLOSURE),
        (["nova.a:f", "nova.b:Thing.__init__"], ("nova.a.f", "nova.b.Thing"), How.DIRECT),
        (["nova.host:Host.write", "libvirt:virConnect.defineXML"],
         ("nova.host.Host.write", "libvirt.virConnect.defineXML"), How.DIRECT),
    ],
)  # fmt: skip
def test_hops_are_found_by_the_rule(chain: list[str], wanted: tuple[str, str], how: How) -> None:
    assert find(tree(*chain), hop(*wanted)) is how


def test_a_callee_may_be_handed_on_to_the_frame_that_calls_it() -> None:
    request = tree("webob.dec:wsgify.__call__", "nova.a:f", "|nova.x:y", "|nova.b:g")
    assert find(request, hop(*A_TO_B, kind="callback/partial")) is How.HANDED_ON
    assert find(request, hop(*A_TO_B)) is How.ABSENT
    backwards = tree("webob.dec:wsgify.__call__", "nova.b:g", "|nova.a:f")
    assert find(backwards, hop(*A_TO_B, kind="callback/partial")) is How.ABSENT


def test_closures_whose_maker_runs_around_them_are_no_wrappers() -> None:
    request = tree("nova.m:make", "nova.a:f", "nova.m:make.<locals>.real_work", "nova.b:g")
    assert find(request, hop("nova.a.f", "nova.b.g")) is How.ABSENT
    assert find(request, hop("nova.m.make.real_work", "nova.b.g")) is How.DIRECT


def test_the_conductors_stubs_are_seen_through_for_remotable_objects_only() -> None:
    request = tree(
        "nova.compute.manager:M.build",
        "nova.conductor.rpcapi:ConductorAPI.object_action",
        "rpc-call=nova.conductor.manager:ConductorManager.object_action",
        "nova.objects.instance:Instance.save",
    )
    names = ("nova.compute.manager.M.build", "nova.objects.instance.Instance.save")
    assert find(request, hop(*names, kind="remotable object")) is How.WRAPPERS
    assert find(request, hop(*names)) is How.ABSENT


def test_a_callee_under_another_class_name_is_found_by_its_place() -> None:
    request = tree("nova.a:f", "nova.b:Base.g")
    assert find(request, hop("nova.a.f", "nova.b.Derived.g")) is How.ABSENT
    assert (
        find(request, hop("nova.a.f", "nova.b.Derived.g", callee_file="nova/b.py", callee_line=11))
        is How.DIRECT
    )


def test_every_hop_of_the_sample_is_measured_and_most_can_be_seen_in_a_request() -> None:
    sample = load_sample()
    measured = measure(tree("nova.a:f"), sample)
    assert len(measured.findings) == len(sample) == 138
    assert measured.missing == measured.observable
    assert measured.share(1) == (0, 64)
    assert all(finding.absent for finding in measured.findings)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (Hop(1, "01-api-startup", "a", "b", "direct call", "api"), "start-up"),
        (hop("nova.wsgi.metadata", "nova.x.y"), "module body"),
        (hop("api-paste.ini", "nova.x.y"), "module body"),
        (hop("nova.virt.libvirt.host.Host._event_emit", "nova.x.y"), "libvirt event thread"),
        (hop("nova.compute.api.API.external_instance_event", "nova.x.y"), "neutron's own request"),
        (hop("nova.compute.claims.NopClaim.__exit__", "nova.compute.claims.Claim.abort"), "failure"),
        (hop("nova.compute.manager.M.f", "nova.compute.manager.M.g"), ""),
        (hop("nova.compute.claims.X.f", "nova.compute.claims.Claim.__init__"), ""),
    ],
)
def test_what_no_request_holds_is_known_by_rule(wanted: Hop, name: str) -> None:
    found = why_unobservable(wanted)
    assert (found.name if found else "") == name
