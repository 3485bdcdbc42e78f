"""The work list in C: built for this Python at the first reading, where it can be."""

from __future__ import annotations

import sys
import sysconfig
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from tracer.compiling import Extension, Plan, build, folder_of, plan

_SOURCES = Path(__file__).parent / "native"
_FLAGS = ("-O2", "-fPIC", "-shared", "-fvisibility=hidden")
_NAME = "_kernel"


def look_for_kernel() -> Extension:
    """The work list in C where it is built already, else what is in the way of having it."""
    extension = _plan().extension
    if extension.file is not None and _loaded(extension.file) is None:
        return Extension(None, f"{extension.file} does not load", "remove that file: it is built anew")
    return extension


def kernel_in_c() -> Any:
    """The class of the work list in C, built at the first asking; None where it cannot be had."""
    extension = build(_plan(), _SOURCES, _FLAGS)
    return None if extension.file is None else _loaded(extension.file)


def _plan() -> Plan:
    version = ".".join(map(str, sys.version_info[:2]))
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return Plan(Extension(None, f"there is none for this kind of Python ({version})"))
    file = folder_of(_SOURCES, _FLAGS) / f"{_NAME}{sysconfig.get_config_var('EXT_SUFFIX')}"
    return plan(file, version, Path(sysconfig.get_path("include")), "Python.h")


def _loaded(file: Path) -> Any:
    loader = ExtensionFileLoader(_NAME, str(file))
    spec = spec_from_file_location(_NAME, file, loader=loader)
    assert spec is not None
    try:
        module = module_from_spec(spec)
        loader.exec_module(module)
    except ImportError:
        return None
    return module.Kernel
