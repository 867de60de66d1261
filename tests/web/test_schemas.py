"""Schemas of several sets of rights, asked for at once by many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from qualitrace.access.model import RIGHTS
from qualitrace.web.parts import Parts
from qualitrace.web.schemas import Schemas
from qualitrace.web.settings import Settings
from tests.graphql.kitchens import Kitchen


def test_many_threads_may_ask_first_for_schemas_of_different_rights() -> None:
    kitchen = Kitchen()
    alone = Schemas(Parts(kitchen, Settings(), None))
    expected = [alone.text(rights) for rights in RIGHTS.values()]
    together = Schemas(Parts(kitchen, Settings(), None))
    with ThreadPoolExecutor(len(RIGHTS)) as threads:
        assert list(threads.map(together.text, RIGHTS.values())) == expected
