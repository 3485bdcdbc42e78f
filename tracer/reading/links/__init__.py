"""Rules for frameworks: one module for each indirection that source alone does not show as a call."""

from __future__ import annotations

from tracer.reading.flow.propagation import Rule
from tracer.reading.links.background import Background
from tracer.reading.links.callers_in_library import CallersInLibrary
from tracer.reading.links.database import Database
from tracer.reading.links.entry_points import EntryPoints
from tracer.reading.links.holders import Holders
from tracer.reading.links.hypervisor import Hypervisor
from tracer.reading.links.json_schema import JsonSchema
from tracer.reading.links.loading_by_name import LoadingByName
from tracer.reading.links.logs import Logs
from tracer.reading.links.messaging import Messaging
from tracer.reading.links.native_threads import NativeThreads
from tracer.reading.links.options import Options
from tracer.reading.links.paste_deploy import PasteDeploy
from tracer.reading.links.records import Records
from tracer.reading.links.remotable import Remotable
from tracer.reading.links.rest import Rest
from tracer.reading.links.standard_library import StandardLibrary
from tracer.reading.links.versioned_behaviour import VersionedBehaviour
from tracer.reading.links.versioned_objects import VersionedObjects
from tracer.reading.links.web import Web


def all_rules(driver: str = "") -> list[Rule]:
    """Every rule, in the order in which they settle; ``driver`` narrows what may be loaded by name."""
    names, objects = LoadingByName(driver), VersionedObjects()
    return [
        StandardLibrary(),
        Holders(),
        Logs(),
        Records(),
        Options(),
        names,
        CallersInLibrary(),
        Background(),
        NativeThreads(),
        objects,
        VersionedBehaviour(objects),
        Remotable(objects),
        Messaging(objects),
        Hypervisor(),
        Web(),
        PasteDeploy(names),
        EntryPoints(names),
        Rest(),
        JsonSchema(),
        Database(),
    ]
