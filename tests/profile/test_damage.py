"""A damaged profile is refused with a ProfileError or still sound: nothing else comes out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualitrace.errors import ProfileError
from qualitrace.profile import load_profile

READ = (".ttl", ".yaml", ".rq", ".graphql", ".jsonld")
INSERTED = st.sampled_from([*"()[]{}\"'<>.;,:@^_#\\\n\x00é是", "a", "0", "<<", '"""', "&a *a", "!!x "])


@pytest.fixture(scope="module")
def kitchen(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("damaged") / "kitchen"
    return Path(shutil.copytree(repo_root / "tests/profiles/kitchen", copy))


def attempt(directory: Path) -> ProfileError | None:
    try:
        load_profile(directory)
    except ProfileError as error:
        return error
    return None


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_damage_is_told_as_a_profile_error(kitchen: Path, data: st.DataObject) -> None:
    paths = sorted(path for path in kitchen.rglob("*") if path.suffix in READ)
    path = data.draw(st.sampled_from(paths))
    sound = path.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(sound)))
    end = data.draw(st.integers(start, min(len(sound), start + 80)))
    damaged = sound[:start] + data.draw(INSERTED) + sound[end:]
    path.write_text(damaged, encoding="utf-8")
    error = attempt(kitchen)
    path.write_text(sound, encoding="utf-8")
    assert error is None or (error.what["zh"] and error.what["en"])
