"""What the parts of the application share (floor 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cached_property

from starlette.requests import HTTPConnection

from qualitrace.access.gate import Access
from qualitrace.access.model import Caller, Right
from qualitrace.errors import ForbiddenError
from qualitrace.graphql import Limits
from qualitrace.profile.model import OperationModel
from qualitrace.text import Text
from qualitrace.web.disclosing import Disclosing
from qualitrace.web.schemas import Schemas
from qualitrace.web.served import Served
from qualitrace.web.settings import Settings


@dataclass(frozen=True)
class Parts:
    """The registry that is served, and what guards it. Each module of routes takes it and returns routes.

    ``access`` is None where nobody is asked who they are: the demonstration, on this machine only.
    ``protected`` is False where what the profile calls protected is shown to nobody at all.
    """

    registry: Served
    settings: Settings
    access: Access | None
    title: Text = field(default_factory=Text)
    limits: Limits | None = None
    protected: bool = True
    graphs: Served | None = None  # what GraphQL is answered from, where that is not the registry itself
    # Called once each before the first request, in a thread of their own: what is dear to work out.
    warming: list[Callable[[], object]] = field(default_factory=list)
    # Entered at the start and left at the end: what goes on beside requests.
    lasting: list[Callable[[], AbstractAsyncContextManager[None]]] = field(default_factory=list)

    @property
    def asked(self) -> Served:
        """What GraphQL is answered from, to those who see everything."""
        return self.graphs or self.registry

    @property
    def operations(self) -> Sequence[OperationModel]:
        """Questions that are shown as examples."""
        return self.registry.profile.operations

    @cached_property
    def schemas(self) -> Schemas:
        """The GraphQL schemas, by rights."""
        return Schemas(self)

    @cached_property
    def disclosing(self) -> Disclosing:
        """Finds whose personal data an answer holds."""
        return Disclosing(self.registry)


def caller_of(connection: HTTPConnection) -> Caller:
    """Return who asks, as the authentication in front of all routes found."""
    caller = connection.scope["state"]["caller"]
    assert isinstance(caller, Caller)
    return caller


def require(caller: Caller, right: Right) -> None:
    """Raise ForbiddenError unless the caller's roles allow this."""
    if right not in caller.rights:
        raise ForbiddenError(
            Text(zh="您的角色不允许这样做。", en="Your role does not allow this."),
            where=right.value,
            hint=Text(zh="请向质量管理部门申请。", en="Ask whoever manages access to the registry."),
        )
