from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    validate_schema,
)
from graphql import (
    build_schema as read_schema,
)

from qualitrace.errors import ProfileError
from qualitrace.graphql import Limits, build_schema, schema_text
from qualitrace.graphql.schema import check_operations
from qualitrace.profile import load_profile
from qualitrace.profile.model import OperationModel, Profile
from qualitrace.terms import RDFS_LABEL
from qualitrace.text import Text
from tests.graphql.kitchens import TERMS, Kitchen, profile


@pytest.fixture(scope="module")
def kitchen_profile() -> Profile:
    return profile()


@pytest.fixture(scope="module")
def sdl(kitchen_profile: Profile) -> GraphQLSchema:
    return read_schema(schema_text(kitchen_profile))


def object_type(schema: GraphQLSchema, name: str) -> GraphQLObjectType | GraphQLInterfaceType:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
    return found


def test_the_checked_in_schema_is_that_of_the_shipped_profile(repo_root: Path) -> None:
    checked_in = (repo_root / "graphql" / "schema.graphql").read_text(encoding="utf-8")
    made = schema_text(load_profile(repo_root))
    assert made == checked_in, "write it anew: python -m qualitrace.graphql > graphql/schema.graphql"


def test_the_schema_is_the_same_each_time_it_is_made(kitchen_profile: Profile) -> None:
    assert schema_text(kitchen_profile) == schema_text(profile())


def test_the_schema_is_valid(sdl: GraphQLSchema) -> None:
    assert validate_schema(sdl) == []


def test_every_exposed_class_has_a_type_and_a_connection(
    kitchen_profile: Profile, sdl: GraphQLSchema
) -> None:
    assert sdl.query_type is not None
    connections = {get_named_type(field.type).name for field in sdl.query_type.fields.values()}
    for model in kitchen_profile.classes.values():
        assert model.name in sdl.type_map
        assert f"{model.name}Connection" in connections


def test_single_values_and_lists_follow_the_most_allowed_count(
    kitchen_profile: Profile, sdl: GraphQLSchema
) -> None:
    checked = 0
    for model in kitchen_profile.classes.values():
        fields = object_type(sdl, model.name).fields
        for prop in model.properties:
            if prop.name in fields and prop.name not in ("label", "code"):
                assert str(fields[prop.name].type).startswith("[") is prop.many, (model.name, prop.name)
                checked += 1
    assert checked > 20


def test_no_property_is_non_null(kitchen_profile: Profile, sdl: GraphQLSchema) -> None:
    for model in kitchen_profile.classes.values():
        for name, field in object_type(sdl, model.name).fields.items():
            assert name == "id" or not isinstance(field.type, GraphQLNonNull), (model.name, name)


def test_private_properties_are_not_in_the_schema(kitchen_profile: Profile, sdl: GraphQLSchema) -> None:
    private = [
        p.name for c in kitchen_profile.classes.values() for p in c.properties if p.exposure == "private"
    ]
    assert private
    text = schema_text(kitchen_profile)
    assert not [name for name in private if name in text]


def test_protected_classes_can_be_left_out(kitchen_profile: Profile) -> None:
    protected = [c.name for c in kitchen_profile.classes.values() if c.exposure == "protected"]
    assert protected
    closed = read_schema(schema_text(kitchen_profile, protected=False))
    assert not set(protected) & set(closed.type_map)
    # A link that leads to what is not shown is not shown either.
    assert "worker" not in object_type(closed, "Shift").fields


def test_a_class_with_subclasses_is_an_interface(sdl: GraphQLSchema) -> None:
    assert isinstance(sdl.type_map["ControlPoint"], GraphQLInterfaceType)
    for name in ("OtherControlPoint", "CriticalControlPoint"):
        made = sdl.type_map[name]
        assert isinstance(made, GraphQLObjectType)
        assert "ControlPoint" in {one.name for one in made.interfaces}


def test_listed_values_are_enums_with_the_labels_of_the_scheme(sdl: GraphQLSchema) -> None:
    outcome = sdl.type_map["Outcome"]
    assert isinstance(outcome, GraphQLEnumType)
    assert list(outcome.values) == ["WITHIN", "OUTSIDE"]
    assert outcome.values["OUTSIDE"].description == "超出限值 / outside the limit"


def test_labels_and_definitions_are_descriptions(kitchen_profile: Profile, sdl: GraphQLSchema) -> None:
    for model in kitchen_profile.classes.values():
        description = object_type(sdl, model.name).description or ""
        for text in (model.labels, model.definitions):
            for language in ("zh", "en"):
                assert text.get(language, "") in description


def test_datatypes_become_scalars(sdl: GraphQLSchema) -> None:
    reading, limit = object_type(sdl, "Reading").fields, object_type(sdl, "Limit").fields
    assert str(reading["takenOn"].type) == "Date"
    assert str(reading["value"].type) == "Float"
    assert str(limit["unit"].type) == "String"


def test_a_path_against_the_arrow_is_a_field(sdl: GraphQLSchema) -> None:
    assert str(object_type(sdl, "Area").fields["stations"].type) == "[Station]"


def with_property(found: Profile, class_name: str, **changes: object) -> Profile:
    """The profile with the first property of a class changed."""
    model = found.class_named(class_name)
    assert model is not None
    first = next(p for p in model.properties if p.predicate != RDFS_LABEL)
    changed = replace(model, properties=(replace(first, **changes), *model.properties))  # type: ignore[arg-type]
    return replace(found, classes={**found.classes, model.iri: changed})


@pytest.mark.parametrize("name", ["id", "iri", "label", "trace", "classLabel"])
def test_names_every_node_has_are_taken(kitchen_profile: Profile, name: str) -> None:
    with pytest.raises(ProfileError, match=name):
        schema_text(with_property(kitchen_profile, "Limit", name=name))


@pytest.mark.parametrize("name", ["Trace", "PageInfo", "Node", "String", "HazardWhere"])
def test_names_of_the_engines_own_types_are_taken(kitchen_profile: Profile, name: str) -> None:
    model = kitchen_profile.classes[TERMS + "Area"]
    renamed = {**kitchen_profile.classes, model.iri: replace(model, name=name)}
    with pytest.raises(ProfileError, match=name):
        schema_text(replace(kitchen_profile, classes=renamed))


def test_listed_values_that_would_share_a_name_are_refused(kitchen_profile: Profile) -> None:
    with pytest.raises(ProfileError, match="A_B"):
        schema_text(with_property(kitchen_profile, "Limit", values=('"a b"', '"a-b"', '"c"'), datatype=""))


def test_names_a_language_keeps_to_itself_can_be_fields(sdl: GraphQLSchema) -> None:
    assert "from" in object_type(sdl, "Shift").fields


def test_operations_of_the_profile_must_fit_its_schema(kitchen: Kitchen) -> None:
    wrong = OperationModel(
        "wrong", Text(), "# title zh: 错\nquery Q {\n  hazards { nodes { colour } }\n}", {}, False
    )
    found = replace(kitchen.profile, operations=(wrong,))
    with pytest.raises(ProfileError) as caught:
        build_schema(Kitchen((), (), profile_=found))
    assert "graphql/operations/wrong.graphql:3" in caught.value.where


def test_operations_of_the_shipped_profile_fit_and_three_are_samples(repo_root: Path) -> None:
    shipped = load_profile(repo_root)
    schema = build_schema(Kitchen((), (), profile_=shipped))
    check_operations(schema, shipped, Limits())
    assert sum(operation.sample for operation in shipped.operations) == 3
    for operation in shipped.operations:
        assert set(operation.titles) >= {"zh", "en"}
