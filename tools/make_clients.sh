#!/bin/sh
# Generate the example clients anew from examples/clients/questions.graphql and graphql/schema.graphql.
# The Python generator wants another graphql-core than the server has, so it gets an environment of its own.
#   tools/make_clients.sh [FOLDER]   into a copy of examples/clients in FOLDER, beside a copy of graphql/
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
clients=${1:-$here}/examples/clients
UV=${UV:-$here/.venv/bin/uv}

(cd "$clients/python" && rm -rf qualitrace_client &&
    "$UV" run --quiet --no-project --isolated --with ariadne-codegen==0.19.0 \
        ariadne-codegen --config codegen.toml >/dev/null)
(cd "$clients/javascript" && { [ -d node_modules ] || npm ci --silent; } && npm run --silent generate >/dev/null)
