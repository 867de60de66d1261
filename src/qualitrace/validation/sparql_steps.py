"""EXISTS patterns of a rule's own query, walked step by step from what is known already.

Inside EXISTS the engine does not order the joins: of ``$this a/rdfs:subClassOf* ?c . ?c sh:property ?p``
it would work out every step for the whole of the data, once for each focus node. Each step in a LATERAL
block of its own starts from where the one before it ended. A join of triple patterns means the same in
any order, and EXISTS does not count, so this changes no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qualitrace.validation.sparql_text import Token, variables

_SPACE = Token("space", " ")
_LINE = Token("space", "\n")
_MODIFIERS = ("*", "+", "?")


@dataclass(frozen=True, slots=True)
class Step:
    """A triple pattern whose verb is no sequence. ``may_wander``: it may match without any triple."""

    subject: tuple[Token, ...]
    verb: tuple[Token, ...]
    object: tuple[Token, ...]

    @property
    def may_wander(self) -> bool:
        """Tell whether the verb repeats or is optional, or is a path that is put in later."""
        return any(token.text in _MODIFIERS or token.text == "$PATH" for token in self.verb)

    def text(self, *, alone: bool) -> list[Token]:
        """Write the step; ``alone`` puts it into a LATERAL block."""
        words = [*self.subject, _SPACE, *self.verb, _SPACE, *self.object, _SPACE, Token("sign", ".")]
        if not alone:
            return words
        lateral = [Token("word", "LATERAL"), _SPACE, Token("sign", "{"), _SPACE]
        return [*lateral, *words, _SPACE, Token("sign", "}")]


class _NotPlain(Exception):
    """A pattern is more than triple patterns and filters; it stays as it is."""


def in_steps(tokens: list[Token]) -> list[Token]:
    """Write every EXISTS pattern of a query that consists of triples and filters step by step."""
    found = list(tokens)
    at, count = 0, 0
    while at < len(found):
        start = _next(found, at + 1)
        if found[at].is_word("EXISTS") and start < len(found) and found[start].text == "{":
            end = _closing(found, start)
            around = set(variables([*found[:start], *found[end:]]))
            count += 1
            found[start + 1 : end] = _pattern(found[start + 1 : end], around, f"step{count}x")
            at = start
        at += 1
    return found


def _pattern(tokens: list[Token], known: set[str], name: str) -> list[Token]:
    try:
        reader = _Reader(tokens, name)
        reader.read()
        steps = list(_ordered(reader.triples, known))
    except (_NotPlain, IndexError):
        return tokens
    if len(steps) < 2:
        return tokens
    lines = [step.text(alone=number > 0 or step.may_wander) for number, step in enumerate(steps)]
    written = [token for line in (*lines, *reader.filters) for token in (_LINE, *line)]
    return [*written, _LINE]


class _Reader:
    """Reads a group of triple patterns and filters. Raises _NotPlain for anything else."""

    def __init__(self, tokens: list[Token], name: str) -> None:
        self.tokens = tokens
        self.triples: list[list[Step]] = []  # each a chain of steps
        self.filters: list[list[Token]] = []
        self._at = 0
        self._name = name
        self._count = 0

    def read(self) -> None:
        """Read the whole group."""
        while self._peek() is not None:
            token = self._peek()
            if token is not None and token.is_word("FILTER"):
                self._filter()
            elif token is not None and token.text == ".":
                self._take()
            else:
                self._subject()

    def _peek(self) -> Token | None:
        self._at = _next(self.tokens, self._at)
        return self.tokens[self._at] if self._at < len(self.tokens) else None

    def _take(self) -> Token:
        token = self._peek()
        if token is None:
            raise _NotPlain
        self._at += 1
        return token

    def _filter(self) -> None:
        start = self._at
        self._take()
        while True:
            token = self._take()
            if token.text in ("(", "{"):
                self._at = _closing(self.tokens, self._at - 1) + 1
                break
            if token.kind not in ("word", "iri", "name"):
                raise _NotPlain
        self.filters.append(self.tokens[start : self._at])

    def _subject(self) -> None:
        subject = self._term()
        while True:
            verb = self._verb()
            while True:
                self._triple(subject, verb, self._term())
                if not self._follows(","):
                    break
            if not self._follows(";"):
                return
            while self._follows(";"):
                pass
            token = self._peek()
            if token is None or token.text == "." or token.is_word("FILTER"):
                return

    def _follows(self, sign: str) -> bool:
        token = self._peek()
        if token is not None and token.text == sign:
            self._at += 1
            return True
        return False

    def _term(self) -> tuple[Token, ...]:
        token = self._take()
        if token.kind == "string":
            after = self._peek()
            if after is not None and after.kind == "language":
                return token, self._take()
            if after is not None and after.text == "^^":
                return token, self._take(), self._take()
            return (token,)
        if token.kind in ("variable", "iri", "name", "number") or token.is_word("TRUE", "FALSE"):
            return (token,)
        raise _NotPlain

    def _verb(self) -> list[tuple[Token, ...]]:
        """Read a verb as the steps of its outermost sequence."""
        steps: list[list[Token]] = [[]]
        depth = 0
        alternatives = False
        while True:
            token = self._take()
            depth += (token.text == "(") - (token.text == ")")
            if token.text == "/" and depth == 0:
                steps.append([])
                continue
            alternatives |= token.text == "|" and depth == 0
            if token.kind not in ("iri", "name", "variable", "sign") and token.text != "a":
                raise _NotPlain
            if token.kind == "sign" and token.text not in ("^", "!", "|", "/", "(", ")", *_MODIFIERS):
                raise _NotPlain
            steps[-1].append(token)
            if depth == 0 and self._verb_ends(token):
                break
        if alternatives and len(steps) > 1:  # a|b/c binds otherwise than it is cut here
            raise _NotPlain
        return [tuple(step) for step in steps]

    def _verb_ends(self, last: Token) -> bool:
        """Tell whether a verb is over after a token: what follows neither joins nor repeats."""
        if last.text in ("^", "!", "|"):
            return False
        following = self._peek()
        return following is None or following.text not in ("/", "|", *_MODIFIERS)

    def _triple(
        self, subject: tuple[Token, ...], verb: list[tuple[Token, ...]], end: tuple[Token, ...]
    ) -> None:
        here, chain = subject, []
        for number, part in enumerate(verb):
            there = end if number == len(verb) - 1 else self._fresh()
            chain.append(Step(here, part, there))
            here = there
        self.triples.append(chain)

    def _fresh(self) -> tuple[Token, ...]:
        self._count += 1
        return (Token("variable", f"?{self._name}{self._count}"),)


def _ordered(triples: list[list[Step]], known: set[str]) -> Iterator[Step]:
    """Order the steps so that each starts from what is known. Raises _NotPlain when that cannot be."""
    known, waiting = set(known), list(triples)
    while waiting:
        chosen = min(waiting, key=lambda chain: _rank(chain, known))
        rank = _rank(chosen, known)
        if rank == 9:
            raise _NotPlain
        waiting.remove(chosen)
        yield from chosen if rank in (0, 1, 3) else reversed(chosen)
        known |= set(variables([t for step in chosen for t in (*step.subject, *step.verb, *step.object)]))


def _rank(chain: list[Step], known: set[str]) -> int:
    """How good it is to walk a chain next: both ends known, its start, its end, constants; 9: neither."""
    start, end = chain[0].subject[0], chain[-1].object[0]
    starts = start.kind != "variable" or start.text[1:] in known
    ends = end.kind != "variable" or end.text[1:] in known
    if starts and start.kind == "variable":
        return 0 if ends else 1
    if ends and end.kind == "variable":
        return 2
    return 3 if starts else 4 if ends else 9


def _next(tokens: list[Token], at: int) -> int:
    while at < len(tokens) and tokens[at].kind == "space":
        at += 1
    return at


def _closing(tokens: list[Token], start: int) -> int:
    """Find the bracket that closes the one at ``start``."""
    opening = tokens[start].text
    closing = {"{": "}", "(": ")"}[opening]
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at].text == opening) - (tokens[at].text == closing)
        if depth == 0:
            return at
    return len(tokens)  # what does not balance is told of when the query is checked
