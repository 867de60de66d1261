"""SHACL engines, each run in a process of its own on the same file (floor 5).

Every function answers how many results there are and, where an engine takes a store that is already
loaded, how many seconds it needed on one. Its whole run is timed around it: reading the shapes, reading
the data, validating, and counting the results of the report. Nothing is imported above the functions: a
process holds what its own engine needs and no more.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyoxigraph as ox

OURS = "qualitrace"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine to compare with: the package to install, and the function of this module that runs it."""

    name: str  # as it is installed
    function: str
    takes_store: bool = False
    whole_shapes: bool = True  # else some are left out for it: see ``shapes_file.unreadable``


ENGINES = {
    engine.name: engine
    for engine in (
        Engine("pyshacl", "pyshacl_run"),
        Engine("pyshacl-turbo", "turbo_run", takes_store=True),
        Engine("shacl-rust", "rust_run", whole_shapes=False),
        Engine("pyshifty", "shifty_run"),
    )
}


def our_run(data: str, profile: str | None) -> Answer:
    """Ours. Compiling the shapes counts for the whole run; it is done once for a loaded store."""
    from qualitrace.profile import load_profile
    from qualitrace.validation import compile_shapes, validate_store

    read = load_profile(Path(profile) if profile else None)
    compiled = compile_shapes(read.shapes)
    store = loaded(data)
    begun = time.perf_counter()
    report = validate_store(store, compiled, steward=read.steward)
    seconds = time.perf_counter() - begun
    shapes = Counter(finding.shape for finding in report.findings)
    return {"results": len(report.findings), "loaded": seconds, "shapes": shapes}


def pyshacl_run(data: str, shapes: str) -> Answer:
    """pySHACL, the reference."""
    import logging

    import pyshacl
    import rdflib

    silent = logging.getLogger("bench")
    silent.setLevel(logging.CRITICAL)
    graph = rdflib.Graph().parse(data, format="nt")
    _, report, _ = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(shapes), logger=silent)
    return {"results": results(report)}


def turbo_run(data: str, shapes: str) -> Answer:
    """pyshacl-turbo, given an Oxigraph store: quicker than a file or a graph of rdflib."""
    import pyshacl_turbo
    import rdflib

    graph = rdflib.Graph().parse(shapes)
    store = loaded(data)
    begun = time.perf_counter()
    _, report, _ = pyshacl_turbo.validate(store, shacl_graph=graph)
    return {"loaded": time.perf_counter() - begun, "results": results(report)}


def rust_run(data: str, shapes: str) -> Answer:
    """shacl-rust."""
    import shacl_rust

    return {"results": len(shacl_rust.validate_file(data, shapes)["results"])}


def shifty_run(data: str, shapes: str) -> Answer:
    """pyshifty, without the inference that comes first unless it is told not to."""
    import shifty

    _, report, _ = shifty.validate(Path(data), Path(shapes), infer=False)
    return {"results": results(report)}


def loaded(data: str) -> ox.Store:
    """Load N-Triples into a store in memory; less is needed at its peak than with ``bulk_load``."""
    import pyoxigraph as ox

    store = ox.Store()
    store.load(path=data, format=ox.RdfFormat.N_TRIPLES)
    return store


def results(report: object) -> int:
    """Count the results of a report graph."""
    import rdflib
    from rdflib.namespace import SH

    assert isinstance(report, rdflib.Graph)
    return len(set(report.objects(None, SH.result)))
