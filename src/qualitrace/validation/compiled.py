"""A compiled shapes graph: its checks, and what has to run elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pyoxigraph as ox
import rdflib
from rdflib.term import Literal, Node, URIRef

from qualitrace.text import Text
from qualitrace.validation.compiler import FOCUS, Check, Compiler
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.data import Term, from_rdflib
from qualitrace.validation.exact import stored_form
from qualitrace.validation.expressions import Writer, indent
from qualitrace.validation.hierarchy import Hierarchy
from qualitrace.validation.notices import notices_of
from qualitrace.validation.paths import Path, last_predicate, read_path
from qualitrace.validation.rule import Rule
from qualitrace.validation.screening import is_screened, screen_of
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.sparql_targets import target_queries
from qualitrace.validation.targets import Targets, targets_of
from qualitrace.validation.vocabulary import QT, SH, local_name
from qualitrace.validation.wellformed import problems
from qualitrace.validation.written import check_queries, check_syntax

_SHORT_BLOCK = re.compile(r"(?<=EXISTS )\{\n\s*([^\n{}]{1,70})\n\s*\}")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A shape with a target that the compiler could not take, and why."""

    root: Shape
    reason: Text


@dataclass
class CompiledShapes:
    """What :func:`compile_shapes` answers: queries to run, by shape with a target.

    ``detached`` checks are compiled on demand, for the reasons behind nested failures.
    """

    shapes: Shapes
    prefixes: Mapping[str, str]
    roots: tuple[Shape, ...]
    checks: tuple[Check, ...]
    elsewhere: tuple[Elsewhere, ...]
    stewards: Mapping[Node, Path]  # shape → the path that leads to who must act
    screens: Mapping[Node, str]  # shape with a target → template that finds where anything is wrong
    screened: frozenset[str]  # the checks, by name, whose findings a screen finds
    notices: tuple[Text, ...]  # what the shapes say that checking does not act on
    _compiler: Compiler
    index: object = None  # what changes are looked up in (touching.Touching), when asked
    rules: tuple[Rule, ...] | None = None  # the lines of a report, when asked
    _detached: dict[Node, tuple[Check, ...]] = field(default_factory=dict)
    _targets: dict[Node, Targets] = field(default_factory=dict)
    _filled: dict[tuple[str, Hierarchy], str] = field(default_factory=dict)

    @cached_property
    def target_literals(self) -> dict[Term, ox.Literal]:
        """Literals named as targets (``sh:targetNode``): how the store gives them back → as written."""
        nodes = (from_rdflib(node) for node in self.shapes.graph.objects(None, SH.targetNode))
        return {stored_form(node): node for node in nodes if isinstance(node, ox.Literal)}

    def detached(self, node: Node) -> tuple[Check, ...]:
        """The checks of a shape taken by itself, to be run on given nodes."""
        if node not in self._detached:
            self._detached[node] = tuple(self._compiler.checks(self.shapes.shape(node)))
        return self._detached[node]

    def targets_as(self, root: Shape, variable: str) -> str:
        """Write the pattern that binds a variable to the focus nodes of a shape."""
        return self.targets(root).pattern(Writer(self.prefixes), variable)

    def targets(self, root: Shape) -> Targets:
        """Return what a shape targets."""
        if root.node not in self._targets:
            self._targets[root.node] = targets_of(self.shapes, root)
        return self._targets[root.node]

    def query(
        self, check: Check, hierarchy: Hierarchy, focus: str | None = None, *, suspects: bool = False
    ) -> str:
        """Write the query of a check; ``focus`` replaces the target as what binds the first node.

        ``suspects`` asks for the values to look at as they were written, instead of the offenders.
        """
        if focus is None:
            focus = self.targets_as(check.root, check.nodes[0])
        template = check.suspects if suspects else check.template
        return self.filled(_put(template, focus), hierarchy)

    def screen(self, root: Shape, hierarchy: Hierarchy) -> str:
        """Write the query that finds the focus nodes of a shape where anything is wrong; may be empty."""
        template = self.screens.get(root.node, "")
        return self.filled(_put(template, self.targets_as(root, "?this")), hierarchy) if template else ""

    def filled(self, text: str, hierarchy: Hierarchy) -> str:
        """Fill in class membership and put PREFIX lines in front."""
        key = (text, hierarchy) if "«" in text else (text, Hierarchy())
        filled = self._filled.get(key)  # several threads fill in queries
        if filled is None:
            if len(self._filled) > 4096:
                self._filled.clear()
            writer = Writer(self.prefixes)
            body = _SHORT_BLOCK.sub(r"{ \1 }", hierarchy.fill(text, writer.iri))
            filled = self._filled[key] = "\n".join(part for part in (writer.header(body), body) if part)
        return filled


def _put(template: str, focus: str) -> str:
    """Put the focus pattern in place of its mark, with the mark's indentation."""
    return (
        template.replace(indent(FOCUS), indent(focus))
        if focus
        else template.replace(indent(FOCUS) + "\n", "")
    )


def compile_shapes(shapes: rdflib.Graph, *, strict: bool = True, everywhere: bool = False) -> CompiledShapes:
    """Compile a shapes graph (SHACL and SHACL-SPARQL). Pure; done once per profile.

    Raises ProfileError when a shape is not well formed. Shapes that use what the compiler does not
    know are listed in ``elsewhere``; they run through the reference validator. When not ``strict``, so
    are shapes that refer to one that is not well formed: others' shapes often lean on files that are
    not at hand. Shapes that reach across registries are left out and named in a notice, unless the data
    are those of all registries (``everywhere``).
    """
    read = Shapes(shapes, everywhere=everywhere)
    wrong = problems(read)
    if wrong and strict:
        raise next(iter(wrong.values()))
    read.wrong = wrong
    prefixes = {prefix: str(namespace) for prefix, namespace in shapes.namespaces() if prefix}
    compiler = Compiler(read, prefixes, strict=strict)
    roots = [root for root in read.roots() if root.active and not read.is_away(root.node)]
    checks, elsewhere = [], []
    for root in roots:
        try:
            target_queries(read, root)
            own = compiler.checks(root)
            check_syntax(compiler, own)
            checks += own
        except UnsupportedError as error:
            elsewhere.append(Elsewhere(root, error.reason))
    if strict:
        check_queries(read, compiler)
    named = tuple(_named(checks))
    done = {check.root.node: check.root for check in named}
    screens = {node: screen_of(compiler, root) for node, root in done.items()}
    return CompiledShapes(
        shapes=read,
        prefixes=prefixes,
        roots=tuple(roots),
        checks=named,
        elsewhere=tuple(elsewhere),
        stewards=dict(_stewards(shapes)),
        screens={node: screen for node, screen in screens.items() if screen},
        screened=frozenset(check.name for check in named if is_screened(compiler, check.constraint)),
        notices=notices_of(read),
        _compiler=compiler,
    )


def _stewards(graph: rdflib.Graph) -> Iterator[tuple[Node, Path]]:
    """Iterate over the shapes that say who must act (``qt:steward``), with their paths."""
    for node, path in graph.subject_objects(QT.steward):
        if not isinstance(path, Literal):
            yield node, read_path(graph, path)


def _named(checks: Iterable[Check]) -> Iterator[Check]:
    """Give every check a name that is readable and unique: shape, path, constraint."""
    used: dict[str, int] = {}
    for check in checks:
        parts = [_part(shape) for shape in check.shapes]
        name = ".".join((*(part for part in parts if part), check.constraint.label))
        used[name] = used.get(name, 0) + 1
        yield replace(check, name=name if used[name] == 1 else f"{name}-{used[name]}")


def _part(shape: Shape) -> str:
    if isinstance(shape.node, URIRef):
        return re.sub(r"[^\w-]+", "_", local_name(shape.name))
    return local_name(last_predicate(shape.path)) if shape.path is not None else "shape"
