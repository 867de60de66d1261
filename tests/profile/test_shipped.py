"""The profile that comes with the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.profile import Profile, default_directory, load_profile
from qualitrace.profile.vocabulary import QT


@pytest.fixture(scope="module")
def shipped() -> Profile:
    return load_profile()


def test_a_checkout_finds_it_at_its_root(repo_root: Path) -> None:
    assert default_directory() == repo_root


def test_every_class_and_field_is_named_in_both_languages(shipped: Profile) -> None:
    for model in shipped.classes.values():
        assert {"zh", "en"} <= model.labels.keys(), model.name
        assert {"zh", "en"} <= model.definitions.keys(), model.name
        for field in model.properties:
            assert {"zh", "en"} <= field.labels.keys(), f"{model.name}.{field.name}"


def test_fields_that_lead_somewhere_say_where(shipped: Profile) -> None:
    """A target is a class of the profile or of another vocabulary, never a misspelt one."""
    own = {iri.rpartition("#")[0] for iri in shipped.classes}
    for model in shipped.classes.values():
        for field in model.properties:
            known = field.target in shipped.classes or field.target.rpartition("#")[0] not in own
            assert not field.target or known, f"{model.name}.{field.name}"


def test_subclasses_have_the_fields_of_their_superclasses(shipped: Profile) -> None:
    for model in shipped.classes.values():
        paths = {field.path for field in model.properties}
        for parent in model.parents:
            above = shipped.classes[parent]
            assert {field.path for field in above.properties} <= paths, (model.name, above.name)
            assert model.iri in above.children


def test_every_engine_term_is_explained_in_both_languages(shipped: Profile) -> None:
    terms = {node for node in shipped.ontology.subjects() if str(node).startswith(str(QT))}
    assert len(terms) == 24
    for term in terms:
        said = {
            literal.language for literal in shipped.ontology.objects(term) if hasattr(literal, "language")
        }
        assert {"zh", "en"} <= said
