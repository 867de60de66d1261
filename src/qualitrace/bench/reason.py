"""Reasoning beside other engines, and what one changed fact costs (floor 5).

All engines get the same stated facts as a file, and like is compared with like. reasonable and owlrl know no
rules and get the property axioms alone, without the rest of the ontology, which would only cost them: beside
them, ours runs the axioms alone. pyshifty runs the profile's axioms and rules as SHACL rules (the very
queries of ours): beside it, ours runs both. What they conclude is compared fact by fact with ours.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import rdflib
from rdflib.namespace import OWL, RDF, RDFS
from rich.console import Console

from qualitrace.bench.generated import Demonstration, changesets, read_demonstration
from qualitrace.bench.measuring import in_child, show
from qualitrace.errors import UnavailableError
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.reasoning import Program, compile_program
from qualitrace.terms import iri

CHANGES = 300
TIMEOUT = 400.0
_SEED = 20250101
_WORK = "qualitrace.bench.reasoners"
_AXIOMS = (RDFS.subPropertyOf, OWL.equivalentProperty, OWL.inverseOf)
_KINDS = (OWL.SymmetricProperty, OWL.TransitiveProperty)
OWN, OWN_AXIOMS = "qualitrace", "qualitrace, axioms"
OTHERS = {"reasonable": OWN_AXIOMS, "pyshifty": OWN, "owlrl": OWN_AXIOMS}  # beside which of ours
FASTER, FLAT = 3.0, 1.5  # what is wanted: × the fastest other at a million facts; one change × the smallest
_MILLION = 900_000  # stated facts of a registry that has a million with what follows


def run(sizes: list[int], console: Console, directory: Path | None = None) -> list[dict[str, Any]]:
    """Measure every engine at every size (owlrl at the smallest), print the tables, return the rows.

    Raises ProfileError when the profile has no demonstration to generate from.
    """
    profile = load_profile(directory)
    demo = read_demonstration(profile)
    place = str(directory) if directory else None
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        _write_ontology(profile, demo, files)
        for size in sizes:
            with console.status(f"{size:,}"):
                facts = _write_stated(demo, size, files / "stated.ttl")
                engines = {
                    name: dict(in_child(f"{_WORK}:ours", folder, place, rules).answer)
                    for name, rules in ((OWN, True), (OWN_AXIOMS, False))
                }
                for name in OTHERS:
                    if name != "owlrl" or size == sizes[0]:
                        engines[name] = _other(name, folder)
                changed = in_child(f"{_WORK}:changes", folder, place).answer
            rows.append({"facts": facts, "engines": engines, "changes": changed})
    _show_engines(rows, console)
    _show_changes(rows, console)
    return rows


def agreed(rows: Iterable[dict[str, Any]]) -> bool:
    """Tell whether every engine that finished concluded the same."""
    return all(engine.get("differ", 0) == 0 for row in rows for engine in row["engines"].values())


def met(rows: Sequence[dict[str, Any]]) -> bool:
    """Tell whether ours is as much faster as wanted at a million facts, and one change costs the same."""
    for row in rows:
        if row["facts"] >= _MILLION and any(
            times(row["engines"], name, part) < FASTER for name in OTHERS for part in ("reason", "seconds")
        ):
            return False
    return all(flat <= FLAT for row in rows for flat in _growth(row, rows[0]).values())


def times(engines: Mapping[str, Mapping[str, Any]], name: str, part: str) -> float:
    """How many times as long as ours an engine took; infinite when it was not there, or did not finish.

    An engine that cannot tell how long it read is compared by its whole run with ours.
    """
    one, own = engines.get(name, {}), engines[OTHERS.get(name, name)]
    if "seconds" not in one:
        return math.inf
    part = part if part in one else "seconds"
    return float(one[part] / own[part])


def _growth(row: Mapping[str, Any], first: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    return {
        (name, kind): row["changes"][name][kind]["mean"] / first["changes"][name][kind]["mean"]
        for name in ("read", "any")
        for kind in ("added", "removed")
    }


def _other(name: str, folder: str) -> dict[str, Any]:
    try:
        return dict(in_child(f"{_WORK}:{name}", folder, timeout=TIMEOUT).answer)
    except UnavailableError as error:
        return {"failed": error.where}


# What the engines read


def _write_stated(demo: Demonstration, size: int, path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for changeset in changesets(demo, size):
            out.writelines(f"{fact.ntriples()}\n" for fact in changeset.facts_added)
            count += len(changeset.facts_added)
    return count


def _write_ontology(profile: Profile, demo: Demonstration, files: Path) -> None:
    program, axioms = compile_program(profile), compile_program(replace(profile, rules=()))
    (files / "ontology.nt").write_text(demo.ontology, encoding="utf-8")
    (files / "axioms.ttl").write_text(_property_axioms(profile.ontology, axioms), encoding="utf-8")
    (files / "rules.ttl").write_text(_as_shacl_rules(program), encoding="utf-8")
    chosen = random.Random(_SEED)
    reads = {key.partition(" ")[0] for steps in program.strata for step in steps for key in step.reads}
    facts = sorted({entry.fact for entry in demo.stated})
    told = [fact for fact in facts if fact.predicate in reads]
    sample = [[tuple(one) for one in chosen.sample(some, min(CHANGES, len(some)))] for some in (told, facts)]
    (files / "sample.json").write_bytes(orjson.dumps(sample))


def _property_axioms(ontology: rdflib.Graph, program: Program) -> str:
    """The axioms that the steps come from, but for chains, as N-Triples (which is Turtle)."""
    known = {key for steps in program.strata for step in steps for key in step.reads | step.writes}
    lines = []
    for subject, predicate, object_ in ontology:
        between = predicate in _AXIOMS and str(object_) in known
        if str(subject) in known and (between or (predicate == RDF.type and object_ in _KINDS)):
            lines.append(f"{iri(str(subject))} {iri(str(predicate))} {iri(str(object_))} .\n")
    return "".join(sorted(lines))


def _as_shacl_rules(program: Program) -> str:
    """Every step as a SPARQL rule of one shape with one target, so that each runs once a round."""
    lines = [
        "@prefix sh: <http://www.w3.org/ns/shacl#> .",
        "<urn:x:shape> a sh:NodeShape ; sh:targetNode <urn:x:here> .",
    ]
    for number, step in enumerate(step for steps in program.strata for step in steps):
        text = step.query.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        lines.append(
            f"<urn:x:shape> sh:rule <urn:x:rule{number}> ."
            f' <urn:x:rule{number}> a sh:SPARQLRule ; sh:order {number} ; sh:construct "{text}" .'
        )
    return "\n".join(lines)


# What is shown


def _show_engines(rows: list[dict[str, Any]], console: Console) -> None:
    shown = []
    for row in rows:
        for name, one in row["engines"].items():
            if "failed" in one:
                shown.append([f"{row['facts']:,}", name, str(one["failed"]), *[""] * 7])
                continue
            ratios = [times(row["engines"], name, part) for part in ("reason", "seconds")]
            shown.append(
                [
                    f"{row['facts']:,}",
                    name,
                    f"{one['load']:.2f}" if "load" in one else "",
                    f"{one['reason']:.2f}" if "reason" in one else "",
                    f"{one['seconds']:.2f}",
                    f"{one['cpu']:.2f}",
                    *(f"{ratio:.1f}" if name in OTHERS else "" for ratio in ratios),
                    f"{one['peak'] / 2**20:,.0f}",
                    f"{one['concluded']:,}" + (f" ≠ {one['differ']:,}" if one.get("differ") else ""),
                ]
            )
    show(
        "全部推理 / full materialisation (× ours on the same axioms or rules; pyshifty: its whole run)",
        (
            "stated",
            "engine",
            "load s",
            "reason s",
            "whole s",
            "cpu s",
            "× reason",
            "× whole",
            "MB",
            "concluded",
        ),
        shown,
        console,
    )


def _show_changes(rows: list[dict[str, Any]], console: Console) -> None:
    shown = []
    for row in rows:
        line = [f"{row['facts']:,}"]
        for (name, kind), ratio in _growth(row, rows[0]).items():
            one = row["changes"][name][kind]
            line.append(f"{one['mean']:.0f} / {one['median']:.0f} / {one['p95']:.0f} (×{ratio:.2f})")
        shown.append(line)
    show(
        "一项事实的推理，微秒 / one changed fact, microseconds: mean / median / p95 (mean × smallest size)",
        ("stated", "added, rules read it", "removed, rules read it", "added, any", "removed, any"),
        shown,
        console,
    )
