#!/bin/sh
# Resolve the pins anew: requirements/run.txt (what `make demo` installs) and requirements/dev.txt
# (that and what `make test` needs). The files name packages and versions only: no index, no address.
set -eu
UV=${UV:-.venv/bin/uv}

compile() {
    "$UV" pip compile --quiet --universal --python-version 3.11 \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml "$@" >/dev/null
}

compile --upgrade --extra build --output-file requirements/run.txt
compile --upgrade --extra build --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt
