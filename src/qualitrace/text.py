"""Text that exists in several languages (floor 0).

Every message the program writes for a person exists at least in Chinese and English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Text(Mapping[str, str]):
    """An immutable mapping from BCP 47 language tag to text.

    The empty tag ``""`` holds text whose language was not stated.
    """

    __slots__ = ("_by_language",)

    def __init__(self, by_language: Mapping[str, str] | None = None, /, **languages: str) -> None:
        self._by_language: dict[str, str] = {**(by_language or {}), **languages}

    def __getitem__(self, language: str) -> str:
        return self._by_language[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_language)

    def __len__(self) -> int:
        return len(self._by_language)

    def __hash__(self) -> int:
        return hash(frozenset(self._by_language.items()))

    def __repr__(self) -> str:
        return f"Text({self._by_language!r})"

    def best(self, *languages: str) -> str:
        """Return the text in the first of ``languages`` that exists; ``""`` when empty.

        Else that of no stated language, Chinese or English, else of the first language in order that
        says something: wherever the text was read from, the choice is the same.
        """
        for language in (*languages, "", "zh", "en"):
            if language in self._by_language:
                return self._by_language[language]
        return next((text for _, text in sorted(self._by_language.items()) if text), "")

    def both(self) -> str:
        """Return Chinese and English side by side, as messages on a terminal show them."""
        return " / ".join(dict.fromkeys(t for t in (self.best("zh"), self.best("en")) if t))


def readable(name: str) -> str:
    """Return the name of a file as it can be shown and kept.

    Python stands bytes that are no UTF-8 in by lone surrogates (PEP 383). Archives from Chinese Windows name
    files in GB 18030, so that is what they are read as; what is neither is shown as U+FFFD.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        given = name.encode("utf-8", "surrogateescape" if _is_escaped(name) else "replace")
        try:
            return given.decode("gb18030")
        except UnicodeDecodeError:
            return given.decode("utf-8", "replace")
    return name


def _is_escaped(name: str) -> bool:
    return not any("\ud800" <= one <= "\udc7f" or "\udd00" <= one <= "\udfff" for one in name)
