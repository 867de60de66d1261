"""Validation of generated registries beside other SHACL engines, all in one run.

    python bench/validation.py [--sizes 50000 250000 1000000] [--reference 20000] [--engines turbo shifty]

A registry is the demonstration, many times over under other names. Every engine gets the same data and
the shipped shapes; the numbers of results are compared, and a run in which they differ says so. pySHACL
runs on the smallest data only. `pyshacl-turbo` and `pyshifty` take part when they are installed. Times
are of this machine and this run; the ratios are what to look at.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import rdflib

from qualitrace.demonstration import build
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store import STATED
from qualitrace.terms import SH, SKOS_NOTATION, Fact
from qualitrace.validation import CompiledShapes, compile_shapes, validate_store
from qualitrace.validation.model import Report


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Run once; return seconds and what it gave."""
    begun = time.perf_counter()
    answer = work()
    return time.perf_counter() - begun, answer


def demonstration(profile: Profile) -> list[ox.Quad]:
    """All facts of the demonstration registry: stated, inferred, and the ontology."""
    with tempfile.TemporaryDirectory() as folder:
        registry = build(profile, Path(folder) / "demo.db")
        try:
            return list(registry.engine.store)
        finally:
            registry.close()


def copies(quads: list[ox.Quad], base: str, size: int) -> Iterator[ox.Quad]:
    """The facts again and again under other names, until there are ``size`` of them."""

    def other(term: object, number: int) -> object:
        if isinstance(term, ox.NamedNode) and term.value.startswith(base):
            return ox.NamedNode(f"{base}{number}/{term.value[len(base) :]}")
        return term

    named = [isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(base) for quad in quads]
    own = [quad for quad, is_own in zip(quads, named, strict=True) if is_own]
    yield from (quad for quad, is_own in zip(quads, named, strict=True) if not is_own)
    for number in range(max(1, round(size / len(own)))):
        for quad in own:
            value = other(quad.object, number)
            if quad.predicate.value == SKOS_NOTATION and isinstance(value, ox.Literal):
                value = ox.Literal(f"{value.value}-{number}")
            yield ox.Quad(other(quad.subject, number), quad.predicate, value, quad.graph_name)  # type: ignore[arg-type]


def one_fact(store: ox.Store, compiled: CompiledShapes, before: Report, base: str) -> float:
    """Milliseconds to validate one changed fact, the middle of eleven."""
    chosen = [
        quad
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(STATED))
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(base)
    ]
    took = []
    for quad in chosen[:: max(1, len(chosen) // 11)][:11]:
        assert isinstance(quad.subject, ox.NamedNode)
        fact = Fact(quad.subject.value, quad.predicate.value, str(quad.object))
        store.remove(quad)
        seconds, _ = timed(
            lambda fact=fact: validate_store(store, compiled, changed=([], [fact]), before=before)
        )
        store.add(quad)
        took.append(seconds * 1000)
    return sorted(took)[len(took) // 2]


def reference(data: Path, shapes: rdflib.Graph) -> int:
    """pySHACL: how many results."""
    import pyshacl

    silent = logging.getLogger("bench")
    silent.setLevel(logging.CRITICAL)
    graph = rdflib.Graph().parse(data, format="nt")
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, logger=silent)
    return results(report)


def turbo(data: Path, shapes: rdflib.Graph) -> int:
    """pyshacl-turbo, given an Oxigraph store, its quickest way in."""
    import pyshacl_turbo

    store = ox.Store()
    store.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES)
    _, report, _ = pyshacl_turbo.validate(store, shacl_graph=shapes)
    return results(report)


def shifty(data: Path, shapes: rdflib.Graph) -> int:
    """pyshifty."""
    import shifty as engine

    _, report, _ = engine.validate(data, shapes)
    return results(report)


def results(report: object) -> int:
    """Count the results of a report graph."""
    assert isinstance(report, rdflib.Graph)
    return len(set(report.objects(None, rdflib.URIRef(SH + "result"))))


ENGINES: dict[str, Callable[[Path, rdflib.Graph], int]] = {
    "pyshacl": reference,
    "turbo": turbo,
    "shifty": shifty,
}


def compare(name: str, data: Path, shapes: rdflib.Graph, ours: float, found: int) -> None:
    """Run another engine on the same data and print the ratio."""
    try:
        seconds, answer = timed(lambda: ENGINES[name](data, shapes))
    except (ImportError, NotImplementedError, ValueError, RuntimeError) as error:
        print(f"  {name:10} did not run: {error}")
        return
    agreed = "" if answer == found else f"  RESULTS DIFFER: {answer}, ours {found}"
    print(f"  {name:10} {seconds:8.2f} s  {seconds / ours:7.1f} times ours (its whole run){agreed}")


def standard(shapes: rdflib.Graph) -> rdflib.Graph:
    """The shapes without the names of the API, which other engines refuse as unknown."""
    copy = rdflib.Graph()
    for triple in shapes:
        if triple[1] != rdflib.URIRef(SH + "codeIdentifier"):
            copy.add(triple)
    return copy


def measure(
    profile: Profile, compiled: CompiledShapes, quads: list[ox.Quad], size: int, engines: list[str]
) -> None:
    """Validate one size with everything asked for."""
    with tempfile.TemporaryDirectory() as folder:
        store = ox.Store()
        store.bulk_extend(copies(quads, profile.base, size))
        data = Path(folder) / "data.nt"
        merged = {ox.Triple(quad.subject, quad.predicate, quad.object) for quad in store}
        data.write_bytes(ox.serialize(merged, format=ox.RdfFormat.N_TRIPLES) or b"")
        fresh = ox.Store()
        loading, _ = timed(lambda: fresh.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES))
        seconds, report = timed(lambda: validate_store(store, compiled))
        assert isinstance(report, Report)
        print(f"{len(store):>9} facts: {len(report.findings)} results")
        print(f"  ours       {seconds:8.2f} s  on a loaded store; {loading + seconds:.2f} s from a file")
        print(f"  one fact   {one_fact(store, compiled, report, profile.base):8.1f} ms")
        for name in engines:
            compare(name, data, standard(profile.shapes), seconds, len(report.findings))


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 250_000, 1_000_000])
    parser.add_argument("--reference", type=int, default=0, help="also run pySHACL, on this many facts")
    parser.add_argument("--engines", nargs="*", default=["turbo", "shifty"], choices=sorted(ENGINES))
    arguments = parser.parse_args()
    profile = load_profile()
    seconds, compiled = timed(lambda: compile_shapes(profile.shapes))
    assert isinstance(compiled, CompiledShapes)
    print(f"compiled {len(compiled.checks)} queries in {seconds:.2f} s")
    quads = demonstration(profile)
    if arguments.reference:
        measure(profile, compiled, quads, arguments.reference, ["pyshacl"])
    for size in arguments.sizes:
        measure(profile, compiled, quads, size, arguments.engines)


if __name__ == "__main__":
    main()
