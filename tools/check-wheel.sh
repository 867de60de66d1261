#!/bin/sh
# Build the wheel, install it into an empty environment, and run its self-check from another
# directory: nothing of the source checkout may be needed.
set -eu
PYTHON=${PYTHON:-.venv/bin/python}
root=$(pwd)
environment=$root/build/wheel-environment

rm -rf dist "$environment"
"$PYTHON" -m build --wheel --no-isolation --outdir dist . >/dev/null
"$PYTHON" -m venv "$environment"
"$environment/bin/python" -m pip --disable-pip-version-check install --quiet \
    --constraint requirements/run.txt dist/*.whl

elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
cd "$elsewhere"
"$environment/bin/python" - "$root" <<'PYTHON'
import pathlib, sys
import qualitrace
place = pathlib.Path(qualitrace.__file__).resolve()
if place.is_relative_to(pathlib.Path(sys.argv[1]) / "src"):
    sys.exit(f"the installed package is the source checkout: {place}")
PYTHON
"$environment/bin/qualitrace" demo --check
