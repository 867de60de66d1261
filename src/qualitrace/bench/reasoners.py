"""The engines that :mod:`qualitrace.bench.reason` runs, each in a process of its own (floor 5)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import rdflib

from qualitrace.bench.measuring import peak_memory, quantile
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.reasoning import Program, compile_program, infer
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.terms import Fact

ALL, AXIOMS_ONLY = "all.nt", "axioms-only.nt"
_ROUNDS = 3


class _Clock:
    """Wall and processor seconds of parts of a run."""

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self._cpu = time.process_time()

    def lap(self) -> float:
        """Seconds since the last lap."""
        now = time.perf_counter()
        taken, self._last = now - self._last, now
        return taken

    def whole(self) -> dict[str, float]:
        """Seconds since the beginning."""
        return {"seconds": self._last - self._begun, "cpu": time.process_time() - self._cpu}


def ours(folder: str, directory: str | None, rules: bool) -> dict[str, Any]:
    """Load and infer, with or without the rules; leave what follows, for the others to be compared with."""
    profile, files = load_profile(Path(directory) if directory else None), Path(folder)
    if not rules:
        profile = replace(profile, rules=())
    program, clock = compile_program(profile), _Clock()
    engine = _loaded(files)
    load = clock.lap()
    total = infer(engine, profile, program).total
    answer = {"load": load, "reason": clock.lap(), "concluded": total, **clock.whole()}
    _write_facts(engine, files / (ALL if rules else AXIOMS_ONLY))
    return answer | {"peak": peak_memory()}


def changes(folder: str, directory: str | None) -> dict[str, Any]:
    """Take facts away and put them back, one at a time: microseconds, each the best of three rounds."""
    profile, files = load_profile(Path(directory) if directory else None), Path(folder)
    program, engine = compile_program(profile), _loaded(files)
    infer(engine, profile, program)
    told, anything = (
        [Fact(*one) for one in some] for some in orjson.loads((files / "sample.json").read_bytes())
    )
    answer: dict[str, Any] = {}
    for name, facts in (("read", told), ("any", anything)):
        rounds: dict[str, list[list[float]]] = {"removed": [], "added": []}
        for _ in range(_ROUNDS + 1):  # the first warms up
            for kind, away in (("removed", True), ("added", False)):
                one = [
                    _timed_change(
                        engine, profile, program, () if away else (fact,), (fact,) if away else (), back=True
                    )
                    for fact in facts
                ]
                rounds[kind].append(one)
        answer[name] = {kind: _spread(some[1:]) for kind, some in rounds.items()}
    return answer


def _spread(rounds: list[list[float]]) -> dict[str, float]:
    """What the changes take: the mean is of the same facts at every size, so it compares them.

    The median does not: facts cost what the rules that read them cost, and it can stand between two.
    """
    times = [min(some) for some in zip(*rounds, strict=True)]
    return {
        "mean": statistics.mean(times),
        "median": statistics.median(times),
        "p95": quantile(times, 0.95),
    }


def _timed_change(
    engine: OxigraphEngine,
    profile: Profile,
    program: Program,
    added: tuple[Fact, ...],
    removed: tuple[Fact, ...],
    *,
    back: bool,
) -> float:
    """Time what one change makes follow; ``back``: the opposite change comes before or after, untimed."""
    if added and back:
        _timed_change(engine, profile, program, (), added, back=False)
    engine.change(STATED, added, removed)
    begun = time.perf_counter()
    infer(engine, profile, program, changed=(added, removed))
    taken = (time.perf_counter() - begun) * 1e6
    if removed and back:
        _timed_change(engine, profile, program, removed, (), back=False)
    return taken


def reasonable(folder: str) -> dict[str, Any]:
    """Reasonable on the property axioms."""
    from reasonable import PyReasoner

    files, reasoner, clock = Path(folder), PyReasoner(), _Clock()
    for name in ("axioms.ttl", "stated.ttl"):
        reasoner.load_file(str(files / name))
    load = clock.lap()
    closure = reasoner.reason()
    answer = {"load": load, "reason": clock.lap(), **clock.whole(), "peak": peak_memory()}
    lines = (f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in closure)
    return answer | _compared(lines, files, AXIOMS_ONLY)


def owlrl(folder: str) -> dict[str, Any]:
    """Owlrl on the property axioms."""
    from owlrl import DeductiveClosure, OWLRL_Semantics

    files, graph, clock = Path(folder), rdflib.Graph(), _Clock()
    for name in ("axioms.ttl", "stated.ttl"):
        graph.parse(files / name, format="nt")
    load = clock.lap()
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    answer = {"load": load, "reason": clock.lap(), **clock.whole(), "peak": peak_memory()}
    lines = (f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in graph if not isinstance(s, rdflib.Literal))
    return answer | _compared(lines, files, AXIOMS_ONLY)


def pyshifty(folder: str) -> dict[str, Any]:
    """Pyshifty on axioms and rules; it reads its files itself, so only the whole can be timed."""
    import shifty

    files, clock = Path(folder), _Clock()
    found = shifty.infer([files / "ontology.nt", _as_nt(files / "stated.ttl")], files / "rules.ttl")
    clock.lap()
    answer = {**clock.whole(), "peak": peak_memory()}
    return answer | _compared(found.inferred_ntriples.splitlines(), files, ALL)


def _as_nt(path: Path) -> Path:
    link = path.with_suffix(".nt")
    if not link.exists():
        link.symlink_to(path)
    return link


def _loaded(files: Path) -> OxigraphEngine:
    engine = OxigraphEngine()
    engine.load(PROFILE, (files / "ontology.nt").read_bytes())
    engine.load(STATED, (files / "stated.ttl").read_bytes())
    return engine


def _write_facts(engine: OxigraphEngine, path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"{fact.ntriples()}\n" for fact in engine.facts(INFERRED))


def _compared(lines: Iterable[str], files: Path, expected: str) -> dict[str, Any]:
    """Compare what an engine has with what ours concluded, about the predicates that ours concludes."""
    own = set((files / expected).read_text(encoding="utf-8").splitlines())
    about = {line.split(" ", 2)[1] for line in own}
    theirs = {line.strip() for line in lines if line.split(" ", 2)[1] in about}
    with (files / "stated.ttl").open(encoding="utf-8") as stated:
        theirs.difference_update(line.strip() for line in stated)
    return {"concluded": len(theirs), "compared": len(own), "differ": len(own ^ theirs)}
