"""Glance as a process of its own: ``python -m runtime.embedded.inside.glance_process CONFIG_FOLDER``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from runtime.embedded.inside import patient_sqlite
from runtime.embedded.inside.serving import serve


def main() -> None:
    """Bring the schema up to date, then serve."""
    folder = Path(sys.argv[1])
    manage = Path(sys.executable).with_name("glance-manage")
    subprocess.run([manage, "--config-file", folder / "glance-api.conf", "db_sync"], check=True)
    # Glance reads its options from the command line while it is imported.
    sys.argv = ["glance-api"]
    os.environ["OS_GLANCE_CONFIG_DIR"] = str(folder)
    patient_sqlite.install()
    from glance.wsgi import api

    serve("glance", api.application)


if __name__ == "__main__":
    main()
