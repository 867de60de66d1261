"""``python -m qualitrace.graphql [PROFILE]`` writes the schema of a profile to standard output.

``python -m qualitrace.graphql --across`` writes that of questions across registries.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qualitrace.graphql.schema import schema_text
from qualitrace.profile import load_profile


def main() -> None:
    """Write the schema; the first argument names another profile directory, or is ``--across``."""
    if sys.argv[1:] == ["--across"]:
        from qualitrace.graphql.across_schema import across_schema_text  # it needs the driver of Neo4j

        sys.stdout.buffer.write(across_schema_text().encode("utf-8"))
        return
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    sys.stdout.buffer.write(schema_text(load_profile(directory)).encode("utf-8"))


if __name__ == "__main__":
    main()
