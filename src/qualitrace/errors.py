"""The one hierarchy of errors (floor 0).

    QualitraceError                what / where / hint, in zh and en
    ├── ProfileError               the profile directory cannot be read or contradicts itself
    ├── DocumentError              a document cannot be read (wrong type, damaged, empty, too large)
    ├── RegistryError              the registry cannot be opened, or is not one
    │   └── ConflictError          somebody else committed first
    ├── NotConformingError         a commit breaks a violation-level rule; nothing was changed
    ├── UnknownNodeError           a name matches no node, or several
    ├── QueryError                 a question cannot be understood, or asks for more than is allowed
    ├── UnavailableError           a needed program or server is not there
    ├── SettingsError              a server's settings are not as they must be
    └── AccessError                who asks may not
        ├── UnknownCallerError     nobody knows who asks (HTTP 401)
        └── ForbiddenError         who asks is known, and may not (HTTP 403)

Library errors are translated into these at the edge where the library is called.
"""

from __future__ import annotations

from qualitrace.text import Text


class QualitraceError(Exception):
    """Base of every error this package raises.

    ``what`` says what is wrong, ``where`` names the place (file, sheet or table, row, cell, address;
    may be empty), ``hint`` says what to do. ``code`` is stable and meant for programs.
    """

    code = "QUALITRACE"

    def __init__(self, what: Text, *, where: str = "", hint: Text | None = None) -> None:
        self.what = what
        self.where = where
        self.hint = hint if hint is not None else Text()
        super().__init__(self._summary())

    def _summary(self) -> str:
        parts = [self.what.both(), self.where, self.hint.both()]
        return " | ".join(part for part in parts if part)


class ProfileError(QualitraceError):
    """The profile directory cannot be read or contradicts itself.

    ``problems`` holds the single problems when several were found at once; ``what`` then lists them.
    """

    code = "PROFILE"

    def __init__(
        self,
        what: Text,
        *,
        where: str = "",
        hint: Text | None = None,
        problems: tuple[ProfileError, ...] = (),
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.problems = problems


class DocumentError(QualitraceError):
    """A document cannot be read: wrong type, damaged, empty, too large, unknown form."""

    code = "DOCUMENT"


class RegistryError(QualitraceError):
    """The registry cannot be opened, or the file is not a registry."""

    code = "REGISTRY"


class ConflictError(RegistryError):
    """The changeset's parent is no longer the head."""

    code = "CONFLICT"


class NotConformingError(QualitraceError):
    """A commit breaks a violation-level rule. Nothing was changed. ``findings`` says why."""

    code = "NOT_CONFORMING"

    def __init__(
        self,
        what: Text,
        *,
        where: str = "",
        hint: Text | None = None,
        findings: tuple[object, ...] = (),
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.findings = findings


class UnknownNodeError(QualitraceError):
    """A name matches no node, or more than one; ``where`` lists candidates."""

    code = "UNKNOWN_NODE"


class QueryError(QualitraceError):
    """A question cannot be understood, or asks for more than is allowed."""

    code = "QUERY"


class UnavailableError(QualitraceError):
    """A program or server that is needed is not there."""

    code = "UNAVAILABLE"


class SettingsError(QualitraceError):
    """The settings of a server are not as they must be. ``problems`` holds each; ``what`` lists them."""

    code = "SETTINGS"

    def __init__(
        self,
        what: Text,
        *,
        where: str = "",
        hint: Text | None = None,
        problems: tuple[SettingsError, ...] = (),
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.problems = problems


class AccessError(QualitraceError):
    """Who asks may not have what is asked for."""

    code = "ACCESS"


class UnknownCallerError(AccessError):
    """No token, or one that is unknown, expired, revoked or not signed by whom it should be.

    The message never says which: whoever guesses learns nothing. The log does.
    """

    code = "UNKNOWN_CALLER"


class ForbiddenError(AccessError):
    """The caller is known, and their roles do not allow this."""

    code = "FORBIDDEN"


def not_text(error: UnicodeEncodeError) -> QueryError:
    """Make the error for what is to be written and is no text: bytes of a terminal that are no UTF-8."""
    around = error.object[max(0, error.start - 20) : error.end + 20]
    return QueryError(
        Text(zh="有些字节不是 UTF-8 文字。", en="Some bytes are no UTF-8 text."),
        where=around.encode("utf-8", "backslashreplace").decode(),
        hint=Text(
            zh="请检查终端的编码,或改用 UTF-8 输入。",
            en="Check the encoding of the terminal, or write it in UTF-8.",
        ),
    )
