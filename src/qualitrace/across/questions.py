"""Questions about all registries of one database (floor 3). See docs/decisions/0014.

Each registry is asked by itself, as whoever asks sees *it*: what one registry says is never read through the
eyes that somebody has for another, though both may use the same identifiers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from qualitrace.across import keys as shared
from qualitrace.across import twice
from qualitrace.across.asking import each
from qualitrace.across.grants import Sees, nobody
from qualitrace.across.model import Adoption, Counted, CoverageAcross, Duplicates, Standing, State
from qualitrace.across.one import One
from qualitrace.errors import QueryError
from qualitrace.profile.model import Profile
from qualitrace.profile.shared import unique_keys
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.store.neo4j.marks import Mark
from qualitrace.store.neo4j.naming import REGISTRY
from qualitrace.store.neo4j.veils import stamp_of
from qualitrace.terms import OWL_THING
from qualitrace.text import Text
from qualitrace.tracing.schema import TraceSchema

_ALL = f"MATCH (q:{REGISTRY}) WHERE q.name STARTS WITH $only RETURN properties(q) AS said ORDER BY q.name"


class Across:
    """Asks the registries of a database. Safe from several threads.

    ``stamp`` is the fingerprint of the profile, as publication writes it into marks: registries that were
    written otherwise are left out. ``sees`` says what whoever asks sees of each registry; by default what
    is public. ``only`` those registries are asked whose names begin so. Answers name the registries that
    they leave out.
    """

    def __init__(
        self, server: Server, profile: Profile, stamp: str, sees: Sees = nobody, *, only: str = ""
    ) -> None:
        self.profile = profile
        self.only = only
        self._within = ""
        self._first = Neo4jEngine.of(server, profile, "")
        self._stamp = stamp
        self._sees = sees
        self._schema = TraceSchema(profile)

    def seen_as(self, sees: Sees) -> Across:
        """Return the same registries for other eyes."""
        made = Across.__new__(Across)
        made.__dict__.update(self.__dict__, _sees=sees)
        return made

    def narrowed(self, only: str) -> Across:
        """Return those of the registries whose names begin so."""
        made = Across.__new__(Across)
        made.__dict__.update(self.__dict__, _within=only)
        return made

    def registries(self) -> tuple[Standing, ...]:
        """Return the registries there are, by name. Raises UnavailableError when the server is away."""
        found = (self._standing(row["said"]) for row in self._first.server.read(_ALL, only=self.only))
        return tuple(one for one in found if one.name.startswith(self._within))

    def coverage(self, of: str, *, as_of: dt.date | None = None) -> CoverageAcross:
        """Count the nodes of a class (any name of it) and the complete ones, by registry and in total.

        Numbers are those that each registry gives by itself. Raises QueryError for the class.
        """
        day, kind = as_of or dt.date.today(), self._class(of)
        there = self.registries()
        answers, left = each(there, self._find, lambda one: one.counted(kind, day))
        total = Counted.sum(tuple(answers.values()), judged=bool(self._schema.chains(frozenset({kind}))))
        return CoverageAcross(kind, day.isoformat(), answers, total, left, _asked(there, answers))

    def adoption(self, value: str, *, key: str = "", to: str = "", as_of: dt.date | None = None) -> Adoption:
        """Say which registries have a value of a shared key: a code, or a concept by IRI, code or label.

        ``key`` (a property) asks by one key only; ``to`` (a class) traces what has it, to who answers for
        it, for instance. Raises QueryError.
        """
        day, target = as_of or dt.date.today(), self._target(to)
        wanted = shared.named_keys(value, self.profile, self._first.concepts, key)
        there = self.registries()
        answers, left = each(there, self._find, lambda one: one.adopted(wanted, target, day))
        having = {name: nodes for name, nodes in answers.items() if nodes}
        without = tuple(name for name, nodes in answers.items() if not nodes)
        asked = _asked(there, answers)
        return Adoption(wanted, day.isoformat(), target, having, without, left, asked)

    def duplicates(self, *, as_of: dt.date | None = None) -> Duplicates:
        """Find shared keys that several nodes of one class in one registry have on a day.

        And keys that one registry alone should have (``qt:uniqueKey``) and several do. Raises QueryError when
        the profile declares no shared key.
        """
        day, wanted = as_of or dt.date.today(), shared.all_keys(self.profile)
        if not wanted:
            raise shared.no_key("", self.profile)
        alone = unique_keys(self.profile)
        there = self.registries()
        answers, left = each(there, self._find, lambda one: twice.kept(one, wanted, alone, day))
        found = (*twice.within(answers), *twice.between(answers, alone))
        return Duplicates(day.isoformat(), found, left, _asked(there, answers))

    def _find(self, standing: Standing) -> One | None:
        audience = self._sees(standing.name)
        if not audience.everything and not standing.told_apart:
            return None
        return One.of(self._first, standing.name, self.profile, self._schema, audience)

    def _standing(self, said: Mapping[str, Any]) -> Standing:
        mark = Mark.of(said)
        state = State.OTHER if mark.profile != self._stamp else State.READY
        return Standing(
            name=str(said["name"]),
            position=mark.position,
            changeset=mark.changeset,
            at=mark.at,
            toward=mark.toward,
            stated=mark.stated,
            inferred=mark.inferred,
            state=State.WRITING if mark.toward >= 0 else state,
            told_apart=stamp_of(said) == self._stamp,
        )

    def _target(self, name: str) -> str:
        if name in ("owl:Thing", OWL_THING):
            return OWL_THING
        return self._class(name) if name else ""

    def _class(self, name: str) -> str:
        model = self.profile.class_named(name)
        if model is None:
            known = sorted(one.name for one in self.profile.classes.values() if not one.abstract)
            raise QueryError(
                Text(zh=f"没有名为“{name}”的类。", en=f"There is no class called “{name}”."),
                hint=Text(zh="可用的类：" + "、".join(known), en="Classes there are: " + ", ".join(known)),
            )
        return model.iri


def _asked(there: tuple[Standing, ...], answers: Mapping[str, object]) -> tuple[Standing, ...]:
    """Return how far those registries were that answered."""
    return tuple(one for one in there if one.name in answers)
