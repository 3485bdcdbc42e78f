"""The main job on the real stack: boot a server, follow it through every process, show it."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from pathlib import Path

import pytest

from reports.flow.build import build_flow
from reports.flow.model import Kind
from reports.flow.selection import Level
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.content import shipped
from reports.walkthrough.exercises import holds
from reports.walkthrough.queries import Queries
from runtime.installed import stack_environment
from tests.acceptance.hops import load_sample, measure, report
from tests.acceptance.nova_source import NovaSource
from tests.acceptance.static_truth import Truth, observed
from tests.acceptance.table import report as static_report
from tests.e2e.cli import StackwalkCli
from tests.reports.browser import Keys, Page, browser, chromium
from tests.reports.flow.faults import faults
from tracer.model.graph import CallGraph
from tracer.model.recording_folder import Recording, open_recording
from tracer.notes.checking import Report, check_recording, check_source
from tracer.notes.shipped import load_notes
from tracer.notes.source_functions import SourceTrees

pytestmark = pytest.mark.stack

USER_DATA = "user-data-secret-55d2e180"
SECRETS = {
    "admin password": "Adm1n-PaSs-9f3b7c21",
    "user data": USER_DATA,
    "user data as it travels": base64.b64encode(USER_DATA.encode()).decode(),
}


@pytest.fixture(scope="module")
def created(stack: StackwalkCli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of one real create whose request carried known secrets."""
    out = tmp_path_factory.mktemp("recordings") / "create"
    secrets = ("--admin-password", SECRETS["admin password"], "--user-data", SECRETS["user data"])
    stack.run("record", "create", "--name", "walked", "--out", out, *secrets)
    return out


@pytest.fixture(scope="module")
def recording(created: Path) -> Recording:
    return open_recording(created)


def test_every_link_is_stitched_and_no_span_is_orphaned(recording: Recording) -> None:
    header = recording.header
    assert header.orphans == []
    # Nobody need listen to a fanout, and a thread may run nothing of the packages that are read.
    assert {link.link for link in header.unanswered} <= {"rpc-fanout", "spawn"}
    for kind in ("http", "rpc-call", "rpc-cast", "rpc-fanout", "spawn", "privsep"):
        assert header.links.get(kind, 0) > 0, kind


def test_every_service_on_the_way_is_on_the_tree(recording: Recording) -> None:
    nova = {"nova-api", "nova-conductor", "nova-scheduler", "nova-compute"}
    around = {"client", "placement", "keystone", "glance", "neutron", "privsep"}
    assert nova | around <= set(recording.tree.services)


def test_the_guest_spoke_and_the_observer_saw_it_start(recording: Recording) -> None:
    hypervisor = recording.hypervisor
    assert "started" in [event.event for event in hypervisor.events]
    assert "<domain" in hypervisor.domain_xml
    assert "qemu" in hypervisor.qemu_command_line
    assert hypervisor.console


def test_nine_in_ten_backbone_hops_are_on_the_tree(recording: Recording) -> None:
    measurement = measure(recording.tree, load_sample())
    found, observable = measurement.share(tier=1)
    assert found >= 0.9 * observable, report(measurement)


def test_the_notes_that_come_along_fit_the_release_and_what_it_did(recording: Recording) -> None:
    notes, report = load_notes(), Report()
    check_source(notes, SourceTrees([stack_environment().site_packages]), report)
    check_recording(notes, recording.tree, report)
    # Whoever built a server from this image before has left it in the host's cache.
    assert [finding for finding in report.findings if finding.note.chapter != "image"] == []


def test_the_call_graph_is_as_true_as_promised_and_has_what_ran(
    recording: Recording, stack: StackwalkCli, tmp_path: Path
) -> None:
    nova = stack_environment().site_packages / "nova"
    saved = tmp_path / "nova.graph"
    stack.run("read", nova, "--driver", "libvirt", "--out", saved)
    graph = CallGraph.load(saved)
    rows = [*Truth(graph, NovaSource(nova)).rows(load_sample()), *observed(graph, [recording])]
    text, met = static_report(rows)
    assert met, text


def test_the_call_graph_of_the_create_path_leads_through_the_services(
    created: Path, stack: StackwalkCli
) -> None:
    ends = ("--from", "ServersController.create", "--to", "LibvirtDriver.spawn")
    drawn = json.loads(stack.run("graph", created, *ends, "--collapse", "class", "--format", "json").stdout)
    assert {"nova-api", "nova-conductor", "nova-compute"} == {node["service"] for node in drawn["nodes"]}
    assert len(drawn["nodes"]) <= 200
    kinds = [edge["kind"] for edge in drawn["edges"]]
    assert kinds.count("rpc-cast") == 2
    assert "spawn" in kinds or "call" in kinds


def test_no_known_secret_reaches_the_disk(created: Path, stack: StackwalkCli) -> None:
    secrets = {**SECRETS, **stack.secrets()}
    found = [
        (name, str(file.relative_to(created)))
        for file in created.rglob("*")
        if file.is_file()
        for name, secret in secrets.items()
        if secret.encode() in file.read_bytes()
    ]
    assert found == []


def test_spans_go_to_other_programs_one_a_line(created: Path, stack: StackwalkCli) -> None:
    lines = stack.run("show", created, "--format", "jsonl").stdout.splitlines()
    spans = {span["id"]: span for span in map(json.loads, lines)}
    roots = [span for span in spans.values() if span["parent"] not in spans]
    assert [root["service"] for root in roots] == ["client"]
    assert all(span["start_ns"] <= span["end_ns"] for span in spans.values())


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="needs the packages chromium and chromium-driver")
def test_the_page_shows_the_real_request_offline(created: Path, stack: StackwalkCli, tmp_path: Path) -> None:
    stack.run("report", created, "--out", tmp_path / "page")
    with browser(tmp_path / "profile") as page:
        page.complaints()
        page.open(tmp_path / "page" / "index.html")
        page.one("#search").send_keys("createWithFlags", Keys.ENTER)
        page.until(page.selected)
        assert "createWithFlags" in page.text("#inspector h3")
        assert page.all("#inspector .text .source .line")
        schemes = {address.partition(":")[0] for address in page.requested()} - {"about", "data"}
        assert schemes == {"file"}
        assert page.complaints() == []


def test_the_exercises_that_come_along_are_answered_by_the_recording(recording: Recording) -> None:
    queries = Queries(CallIndex(recording.tree), recording.hypervisor)
    # Whoever built a server from this image before has left it in the host's cache.
    wrong = [one.id for one in shipped().exercises if one.chapter != "image" and not holds(one, queries)]
    assert wrong == []


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="needs the packages chromium and chromium-driver")
def test_the_walkthrough_leads_a_new_reader_with_the_keyboard_alone(
    created: Path, stack: StackwalkCli, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    stack.run("walkthrough", created, "--lang", "en", "--out", site)
    assert sum(file.stat().st_size for file in site.rglob("*") if file.is_file()) <= 8_000_000
    questions = {
        "#/chapter/api": ("]k", "The request leaves the API"),
        "#/chapter/scheduler": ("j", "How a host is found"),
        "#/chapter/libvirt": ("]kk", "createWithFlags"),  # waiting for the network may take a step more
    }
    with browser(tmp_path / "profile") as page:
        page.complaints()
        page.open(site / "index.html")
        for chapter, (keys, answer) in questions.items():
            page.script(f"location.hash = '{chapter}'")
            page.until(lambda: _settled(page))
            for key in keys.ljust(10, keys[-1]):
                page.press(key)
                page.until(lambda: _settled(page))
                if answer in page.text("#view"):
                    break
            assert answer in page.text("#view"), chapter
        assert page.complaints() == []


def _settled(page: Page) -> bool:
    return bool(page.script("return location.hash === document.documentElement.dataset.shown"))


def test_deleting_the_server_is_followed_as_well(created: Path, stack: StackwalkCli, tmp_path: Path) -> None:
    out = tmp_path / "delete"
    stack.run("record", "delete", "--name", "walked", "--out", out)
    recording = open_recording(out)
    assert recording.header.orphans == []
    assert {"nova-api", "nova-compute", "neutron"} <= set(recording.tree.services)


def test_killing_a_service_keeps_what_it_had_recorded(stack: StackwalkCli, tmp_path: Path) -> None:
    """``kill -9`` of nova-compute while it builds: its lane is readable and says where it ends."""
    out = tmp_path / "killed"
    before = set(stack.spools("nova-compute"))
    running = stack.start("record", "create", "--name", "cut-short", "--timeout", "15", "--out", out)
    compute = _writer_of_a_new_spool(stack, before)
    os.kill(compute, signal.SIGKILL)
    running.communicate(timeout=180)
    recording = open_recording(out)
    lane = next(lane for lane in recording.header.lanes if lane.pid == compute)
    assert lane.ended
    assert any(span.pid == compute for span in recording.tree.spans)


@pytest.mark.parametrize("level", list(Level))
def test_flow_diagrams_of_the_real_request_are_true_and_readable(recording: Recording, level: Level) -> None:
    assert faults(recording, level, steps=600 if level is Level.FUNCTIONS else None) == []
    flow = build_flow(recording.tree, level, events=recording.hypervisor.events)
    lanes = {lane.name for lane in flow.lanes}
    assert {"client", "nova-api", "nova-conductor", "nova-scheduler", "nova-compute"} <= lanes
    assert {"broker", "database", "libvirtd", "qemu"} <= lanes
    begun = [step.label for step in flow.steps]
    assert begun.index("POST /v2.1/servers") < begun.index("schedule_and_build_instances")
    assert begun.index("schedule_and_build_instances") < begun.index("build_and_run_instance")
    native = next(number for number, step in enumerate(flow.steps) if step.kind is Kind.NATIVE)
    assert begun.index("build_and_run_instance") < native


def _writer_of_a_new_spool(stack: StackwalkCli, before: set[Path]) -> int:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for spool in set(stack.spools("nova-compute")) - before:
            if spool.stat().st_size > 20_000:
                return int(spool.name.removeprefix("nova-compute-").split("-")[0])
        time.sleep(0.05)
    raise AssertionError("nova-compute recorded nothing")
