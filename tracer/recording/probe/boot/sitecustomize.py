"""Loaded by every Python process that inherits the probe's environment, old interpreters included.

Loads the probe under the name ``stackwalk_probe`` where the environment asks for it, then the
``sitecustomize`` that would have been loaded without this one.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120


def load_probe() -> None:
    """Load and activate the probe; a failure leaves a note and nothing else."""
    try:
        folder = os.path.dirname(HERE)  # noqa: PTH120
        spec = spec_from_file_location(
            "stackwalk_probe",
            os.path.join(folder, "__init__.py"),  # noqa: PTH118
            submodule_search_locations=[folder],
        )
        if spec is None or spec.loader is None:
            return
        module = module_from_spec(spec)
        sys.modules["stackwalk_probe"] = module
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
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if sys.version_info >= (3, 11) and os.environ.get("STACKWALK_SPOOL_DIR"):
    load_probe()
load_next_sitecustomize()
