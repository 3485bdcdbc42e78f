#!/bin/sh
# Checks the call flow on any CI server, without containers. Needs Python 3.11 or newer, and git.
#
#   STACKWALK="stackwalk @ git+https://..." check-call-flow.sh BASELINE SOURCE
#
# Leaves call-flow.xml (JUnit) and call-flow.md. Exit codes: 0 the same, 1 changed, 2 an error.
set -eu
baseline=$1
source=$2
environment=${STACKWALK_VENV:-.stackwalk-venv}
if [ ! -x "$environment/bin/stackwalk" ]; then
    "${PYTHON3:-python3}" -m venv "$environment"
    "$environment/bin/pip" install --quiet "${STACKWALK:-stackwalk}"
fi
code=0
"$environment/bin/stackwalk" check "$baseline" "$source" --format junit --out call-flow.xml || code=$?
if [ "$code" -gt 1 ]; then
    exit "$code"
fi
"$environment/bin/stackwalk" check "$baseline" "$source" --format markdown --out call-flow.md || true
cat call-flow.md
exit "$code"
