"""A profile from the cache is the profile; one of other files, or damaged, is not taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rdflib.compare import isomorphic

from qualitrace.errors import ProfileError
from qualitrace.profile import load_profile
from qualitrace.profile.cached import cached_profile
from qualitrace.profile.model import Profile


@pytest.fixture
def directory(tmp_path: Path, repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path(shutil.copytree(repo_root / "tests" / "profiles" / "kitchen", tmp_path / "profile"))


def kept(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache" / "qualitrace" / "profiles").glob("*.pickle"))


def same(one: Profile, other: Profile) -> bool:
    plain = [name for name in Profile.__dataclass_fields__ if name not in {"ontology", "shapes", "rules"}]
    return (
        all(getattr(one, name) == getattr(other, name) for name in plain)
        and isomorphic(one.ontology, other.ontology)
        and isomorphic(one.shapes, other.shapes)
        and [str(rule) for rule in one.rules] == [str(rule) for rule in other.rules]
    )


def test_the_second_time_is_the_same_profile(directory: Path, tmp_path: Path) -> None:
    first = cached_profile(directory)
    assert len(kept(tmp_path)) == 1
    second = cached_profile(directory)
    assert len(kept(tmp_path)) == 1
    assert second is not first
    assert same(first, load_profile(directory))
    assert same(second, first)


def test_a_changed_file_is_read_anew(directory: Path, tmp_path: Path) -> None:
    before = cached_profile(directory)
    shapes = sorted((directory / "shapes").glob("*.ttl"))[0]
    shapes.write_text(shapes.read_text(encoding="utf-8") + "\n<urn:x> <urn:y> <urn:z> .\n", encoding="utf-8")
    after = cached_profile(directory)
    assert len(after.shapes) == len(before.shapes) + 1
    assert len(kept(tmp_path)) == 2


def test_damage_and_a_missing_profile(directory: Path, tmp_path: Path) -> None:
    first = cached_profile(directory)
    (place,) = kept(tmp_path)
    for content in (b"", b"x" * 100, place.read_bytes()[:-100]):
        place.write_bytes(content)
        assert same(cached_profile(directory), first)
    with pytest.raises(ProfileError):
        cached_profile(tmp_path / "none")
