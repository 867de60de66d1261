"""Facts in an Oxigraph store, kept as they were written (floor 1).

Oxigraph keeps some literals by their value: ``"4.0"^^xsd:decimal`` is stored as ``"4"``, so two facts can
come to one quad. What was written is noted beside the store, for those few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from qualitrace.errors import QueryError
from qualitrace.store.exact import ExactLiterals, stored_form
from qualitrace.store.lines import typed_lines
from qualitrace.terms import Fact, iri_of, is_iri, lit_of
from qualitrace.text import Text


def term_of(term: str) -> ox.NamedNode | ox.Literal:
    """Turn an N-Triples term into a pyoxigraph term. Raises ValueError when it is none."""
    if is_iri(term):
        return ox.NamedNode(iri_of(term))
    lit = lit_of(term)
    if lit.language:
        return ox.Literal(lit.value, language=lit.language)
    return ox.Literal(lit.value, datatype=ox.NamedNode(lit.datatype))


def quad_of(fact: Fact, graph: str) -> ox.Quad:
    """Turn a fact into a quad of the named graph. Raises QueryError when a term of it is none."""
    try:
        return ox.Quad(
            ox.NamedNode(fact.subject),
            ox.NamedNode(fact.predicate),
            term_of(fact.object),
            ox.NamedNode(graph),
        )
    except ValueError as error:
        raise QueryError(
            Text(zh="这条事实的写法不对。", en="A fact is not written as it must be."),
            where=f"{fact.subject} {fact.predicate} {fact.object}: {error}",
            hint=Text(
                zh="标识符须是完整的 IRI,值须按 N-Triples 书写。",
                en="Identifiers must be whole IRIs, values in N-Triples syntax.",
            ),
        ) from error


def fact_of(statement: ox.Quad | ox.Triple) -> Fact:
    """Turn a quad or triple into a fact. Blank nodes keep their ``_:`` form."""
    subject = statement.subject
    name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
    return Fact(name, statement.predicate.value, str(statement.object))


class Contents:
    """Adds, removes and reads the facts of a store; keeps apart those that the store takes for one."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._forms: dict[ox.Quad, frozenset[ox.Literal]] = {}
        self._counts: dict[str, int] = {}
        self.exact = ExactLiterals()

    def copy(self, store: ox.Store) -> Contents:
        """Return the same notes for another store with the same quads."""
        made = Contents(store)
        made.note_forms(self._forms)
        made._counts = dict(self._counts)
        return made

    def note_counts(self, counts: Mapping[str, int]) -> None:
        """Say how many quads graphs hold, so that they need not be counted."""
        self._counts |= counts

    def forms(self) -> Mapping[ox.Quad, frozenset[ox.Literal]]:
        """Return how quads are written that the store holds in another form."""
        return dict(self._forms)

    def note_forms(self, forms: Mapping[ox.Quad, frozenset[ox.Literal]]) -> None:
        """Note how quads are written that are in the store already (copied from another, say)."""
        for quad, written in forms.items():
            self._note(quad, written)

    def change(self, added: Iterable[Fact], removed: Iterable[Fact], graph: str) -> None:
        """Remove facts from a graph, then add others; what is there, or not there, is passed over.

        Raises QueryError for a fact that is not well written; nothing is changed then.
        """
        gone, new = [quad_of(fact, graph) for fact in removed], [quad_of(fact, graph) for fact in added]
        for quad in gone:
            self._take(quad, graph)
        self._put(new, graph)

    def _take(self, quad: ox.Quad, graph: str) -> None:
        stored = _stored(quad)
        left: frozenset[ox.Literal] = frozenset()
        if stored is not quad or stored in self._forms:
            left = self._forms_of(stored) - {_literal(quad)}
        if not left:
            if graph in self._counts and stored in self._store:
                self._counts[graph] -= 1
            self._store.remove(stored)
        self._note(stored, left)

    def load(self, ntriples: bytes, graph: str) -> None:
        """Replace a graph by N-Triples text, which may hold blank nodes."""
        name = ox.NamedNode(graph)
        gone = [quad for quad in self._forms if quad.graph_name == name]
        self._store.clear_graph(name)
        self._counts.pop(graph, None)
        for quad in gone:
            self._note(quad, frozenset())
        typed = typed_lines(ntriples)
        if b"\r" in ntriples or any(line.lstrip().startswith(b"_:") for line in typed.odd):
            self._put(list(_parsed(ntriples, name)), graph)  # what the store calls a blank node is not known
            return
        told = typed.every if typed.odd or self.exact else ()
        noted = self._written_as([(_stored(quad), quad) for quad in _parsed(b"\n".join(told), name)])
        self._store.load(ntriples, format=ox.RdfFormat.N_TRIPLES, to_graph=name)
        for kept, forms in noted.items():
            self._note(kept, forms)

    def _put(self, quads: Sequence[ox.Quad], graph: str) -> None:
        stored = [_stored(quad) for quad in quads]
        noted = self._written_as(list(zip(stored, quads, strict=True)))
        if graph in self._counts:
            self._counts[graph] += sum(1 for quad in dict.fromkeys(stored) if quad not in self._store)
        self._store.extend(stored)
        for kept, forms in noted.items():
            self._note(kept, forms)

    def _written_as(self, pairs: Sequence[tuple[ox.Quad, ox.Quad]]) -> dict[ox.Quad, frozenset[ox.Literal]]:
        """What is to be noted of quads that are about to come, as the store keeps them and as written."""
        odd = {kept for kept, quad in pairs if kept is not quad or kept in self._forms}
        forms = {kept: set(self._forms_of(kept)) for kept in odd}
        for kept, quad in pairs if odd else ():
            if kept in odd:
                forms[kept].add(_literal(quad))
        noted = {kept: frozenset(found) for kept, found in forms.items()}
        for kept, _ in pairs if self.exact else ():
            value = kept.object
            if (
                kept not in noted
                and isinstance(value, ox.Literal)
                and self.exact.knows(str(kept.subject), kept.predicate.value, value)
            ):
                noted[kept] = frozenset([value])  # another graph has it in another form
        return noted

    def put_new(self, triples: Iterable[ox.Triple], graph: str) -> list[Fact]:
        """Put into a graph what is in none yet, as a query answered it. Returns that, each once.

        What is said of blank nodes is passed over.
        """
        name, known = ox.NamedNode(graph), self._store.quads_for_pattern
        blank = ox.BlankNode
        new = [
            ox.Quad(one.subject, one.predicate, one.object, name)
            for one in triples
            if type(one.subject) is not blank
            and type(one.object) is not blank
            and next(known(one.subject, one.predicate, one.object, None), None) is None
        ]
        self._put(new, graph)
        return list(dict.fromkeys(map(fact_of, new)))

    def facts(
        self, graph: str | None, subject: str | None, predicate: str | None, value: str | None
    ) -> Iterator[Fact]:
        """Iterate over the facts that match; those of two graphs come twice."""
        wanted = None if value is None else term_of(value)
        quads = self._store.quads_for_pattern(
            None if subject is None else ox.NamedNode(subject),
            None if predicate is None else ox.NamedNode(predicate),
            wanted,
            None if graph is None else ox.NamedNode(graph),
        )
        if not self._forms and (wanted is None or _is_stored(wanted)):
            return (fact_of(quad) for quad in quads)
        return self._written(quads, wanted)

    def count(self, graph: str) -> int:
        """Count the facts of a graph; counted once, then kept up."""
        if graph not in self._counts:
            name = ox.NamedNode(graph)
            self._counts[graph] = sum(1 for _ in self._store.quads_for_pattern(None, None, None, name))
        more = (len(forms) - 1 for quad, forms in self._forms.items() if quad.graph_name.value == graph)  # type: ignore[union-attr]
        return self._counts[graph] + sum(more)

    def _written(self, quads: Iterable[ox.Quad], wanted: ox.NamedNode | ox.Literal | None) -> Iterator[Fact]:
        for quad in quads:
            found = fact_of(quad)
            for form in self._forms.get(quad, (quad.object,)):
                if wanted is None or form == wanted:
                    yield found._replace(object=str(form))

    def _forms_of(self, stored: ox.Quad) -> frozenset[ox.Literal]:
        """The forms in which a quad is written; none when it is not there."""
        if stored in self._forms:
            return self._forms[stored]
        return frozenset([_literal(stored)]) if stored in self._store else frozenset()

    def _note(self, stored: ox.Quad, forms: frozenset[ox.Literal]) -> None:
        """Note how a quad is written in its graph (nothing: it is not there), and so in any graph."""
        if not isinstance(stored.object, ox.Literal):
            return
        if forms - {stored.object}:
            self._forms[stored] = forms
        else:
            self._forms.pop(stored, None)
        if not self.exact and not self._forms:
            return
        everywhere = set(forms)
        for quad in self._store.quads_for_pattern(stored.subject, stored.predicate, stored.object, None):
            if quad != stored:
                everywhere |= self._forms.get(quad, {stored.object})
        self.exact.put(str(stored.subject), stored.predicate.value, stored.object, everywhere)


def _is_stored(term: ox.NamedNode | ox.Literal) -> bool:
    return isinstance(term, ox.NamedNode) or stored_form(term) == term


def _stored(quad: ox.Quad) -> ox.Quad:
    """The quad as the store gives it back."""
    if not isinstance(quad.object, ox.Literal):
        return quad
    form = stored_form(quad.object)
    return quad if form == quad.object else ox.Quad(quad.subject, quad.predicate, form, quad.graph_name)


def _parsed(ntriples: bytes, graph: ox.NamedNode) -> Iterator[ox.Quad]:
    found = ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    return (ox.Quad(one.subject, one.predicate, one.object, graph) for one in found)


def _literal(quad: ox.Quad) -> ox.Literal:
    assert isinstance(quad.object, ox.Literal)
    return quad.object
