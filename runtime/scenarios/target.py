"""What scenarios need to know of the stack they act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.environment import StackEnvironment
from runtime.processes import ProcessId
from runtime.provisioning.guest import Guest


@dataclass(frozen=True)
class Target:
    """A running stack, as its user and its observer see it.

    Args:
        environment: where the services, and so the client, are installed.
        auth: see `runtime.scenarios.client.api.Api`; holds a secret.
        endpoints: addresses of ``compute``, ``image`` and, where there is one, ``network``.
        spool_dir: where the probes leave what they record.
        guest: what its servers boot.
        libvirt_uri: the daemon to observe.
        domain_folder: where libvirt keeps the definitions of domains, when it cannot be reached from outside.
        compute_log: nova-compute's log file.
        processes: the stack's services, as they ran when this was made; each by its process.
        facts: what a recording should say of the stack.
        notices: statements of what a recording of it cannot show.
    """

    environment: StackEnvironment
    auth: Mapping[str, str] = field(repr=False)
    endpoints: Mapping[str, str]
    spool_dir: Path
    guest: Guest
    libvirt_uri: str
    compute_log: Path
    domain_folder: Path | None = None
    processes: Mapping[ProcessId, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    def ended(self) -> list[str]:
        """The services that have ended since, by name."""
        return sorted(name for process, name in self.processes.items() if not process.alive)
