"""Loaded by every Python process that inherits the probe's environment, old interpreters included.

Has the probe loaded under the name ``stackwalk_probe`` where the environment asks for it, then loads the
``sitecustomize`` that would have been loaded without this one.

Services start many small Python programs that only set something up and become another program; loading the
probe would take several times as long as all they do. So it is loaded when the process first loads what a
request can come in by. A process that belongs to a trace as a whole loads it at once.
"""

import os
import sys
from importlib.machinery import PathFinder

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
PACKAGE = "stackwalk_probe"

AWAITED = (
    "socket",
    "_socket",
    "http.client",
    "wsgiref.handlers",
    "waitress",
    "werkzeug",
    "cheroot",
    "gunicorn",
    "eventlet",
    "greenlet",
    "futurist",
    "oslo_messaging",
    "oslo_privsep",
)
"""Modules that are loaded before anything can reach the process, and those, or their packages, in which the
probe replaces something and which may load one of the former, or hand on what is to be replaced."""

ASKED_FOR = (f"{PACKAGE}.session", f"{PACKAGE}.hooks.wsgi")
"""Modules of the probe that a program asks ``sys.modules`` for."""


class Waiting:
    """A meta path finder that has the probe loaded once what it waits for is about to be."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        """What the other finders give for a module that is awaited, the probe's own among them; None for
        others."""
        if name not in AWAITED:
            return None
        load_probe_once()
        for finder in tuple(sys.meta_path):
            spec = finder.find_spec(name, path, target)  # type: ignore[arg-type]
            if spec is not None:
                return spec
        return None


class StandIn(type(sys)):  # type: ignore[misc]
    """Stands in ``sys.modules`` for a module of the probe until that is loaded, which asking it for something
    brings about."""

    def __getattr__(self, name: str) -> object:
        if not name.startswith("__"):
            load_probe_once()
            loaded = sys.modules.get(self.__name__)  # type: ignore[call-overload]
            if loaded not in (None, self):
                return getattr(loaded, name)
        raise AttributeError(name)


def load_probe_once() -> None:
    """Load the probe instead of waiting any longer."""
    for finder in tuple(sys.meta_path):
        if isinstance(finder, Waiting):
            sys.meta_path.remove(finder)
            for name in ASKED_FOR:
                sys.modules.pop(name, None)
            load_probe()


def wait_for_need() -> None:
    """Have the probe loaded when there is need of it, at once where there is already."""
    sys.meta_path.insert(0, Waiting())  # type: ignore[arg-type]
    if os.environ.get("STACKWALK_PARENT") or any(name in sys.modules for name in AWAITED):
        load_probe_once()
        return
    for name in ASKED_FOR:
        sys.modules[name] = StandIn(name)


def load_probe() -> None:
    """Load and activate the probe; a failure leaves a note and nothing else."""
    try:
        from importlib.util import module_from_spec, spec_from_file_location

        folder = os.path.dirname(HERE)  # noqa: PTH120
        spec = spec_from_file_location(
            PACKAGE,
            os.path.join(folder, "__init__.py"),  # noqa: PTH118
            submodule_search_locations=[folder],
        )
        if spec is None or spec.loader is None:
            return
        module = module_from_spec(spec)
        sys.modules[PACKAGE] = module
        spec.loader.exec_module(module)
        from stackwalk_probe.activation import activate

        activate()
    except Exception:
        try:
            from stackwalk_probe.notes import leave_note

            service = os.environ.get("STACKWALK_SERVICE", "python")
            leave_note(os.environ["STACKWALK_SPOOL_DIR"], service, "the probe could not be loaded")
        except Exception:  # noqa: S110 - nobody is left to tell, and the service must start
            pass


def load_next_sitecustomize() -> None:
    """Load the one that this file hides, under its own name, as the interpreter would have."""
    others = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != HERE]  # noqa: PTH100
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if sys.version_info >= (3, 11) and os.environ.get("STACKWALK_SPOOL_DIR"):
    wait_for_need()
load_next_sitecustomize()
