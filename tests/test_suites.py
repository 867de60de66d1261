"""The plugin that fails a run with fewer cases than stated: it fails when it should, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

THREE = "import pytest\n@pytest.mark.parametrize('n', range(3))\ndef test_n(n): pass\n"
SKIPPED = "import pytest\n@pytest.mark.skip(reason='no data')\ndef test_s(): pass\n"


@pytest.fixture
def project(pytester: pytest.Pytester, repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A small project with the plugin, three cases in tests/a and one case in tests itself."""
    monkeypatch.delenv("CI", raising=False)
    pytester.makefile(
        ".toml",
        pyproject="[tool.pytest.ini_options]\ntestpaths=['tests']\naddopts='--import-mode=importlib'\n",
    )
    tests = pytester.mkdir("tests")
    (tests / "a").mkdir()
    (tests / "a" / "test_three.py").write_text(THREE)
    (tests / "test_top.py").write_text("def test_top(): pass\n")
    plugin = (repo_root / "tests" / "suites.py").read_text(encoding="utf-8")
    (tests / "conftest.py").write_text(plugin, encoding="utf-8")
    return pytester


def state(project: pytest.Pytester, text: str) -> None:
    (project.path / "tests" / "suites.toml").write_text("[minimum]\n" + text)


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest("-p", "no:cacheprovider", *arguments)


def test_passes_when_all_stated_cases_ran(project: pytest.Pytester) -> None:
    state(project, '"." = 1\na = 3\n')
    result = run(project)
    assert result.ret == 0
    result.assert_outcomes(passed=4)


@pytest.mark.parametrize(("least", "code"), [(3, 0), (4, 1)])
def test_counts_all_cases_of_several_workers(project: pytest.Pytester, least: int, code: int) -> None:
    state(project, f'"." = 1\na = {least}\n')
    result = run(project, "-n", "2")
    assert result.ret == code
    result.assert_outcomes(passed=4)


def test_fails_when_a_directory_ran_fewer(project: pytest.Pytester) -> None:
    state(project, '"." = 1\na = 4\n')
    result = run(project)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["a: 3 cases executed, suites.toml states 4"])


def test_fails_when_a_whole_directory_is_gone(project: pytest.Pytester) -> None:
    state(project, '"." = 1\na = 3\nb = 2\n')
    result = run(project)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["b: 0 cases executed, suites.toml states 2"])


def test_fails_when_a_directory_is_not_stated(project: pytest.Pytester) -> None:
    state(project, '"." = 1\n')
    result = run(project)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["a: has tests, but suites.toml states no number for it"])


def test_fails_without_the_file(project: pytest.Pytester) -> None:
    result = run(project)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*suites.toml: cannot be read*"])


@pytest.mark.parametrize(
    "arguments", [("-k", "top"), ("tests/a",), ("--deselect", "tests/test_top.py::test_top"), ("-x",)]
)
def test_a_narrowed_run_is_not_judged(project: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    state(project, '"." = 90\na = 90\n')
    assert run(project, *arguments).ret == 0


def test_a_skipped_case_counts_on_a_developers_machine(project: pytest.Pytester) -> None:
    (project.path / "tests" / "a" / "test_skipped.py").write_text(SKIPPED)
    state(project, '"." = 1\na = 4\n')
    assert run(project).ret == 0


def test_a_skipped_case_does_not_count_in_ci(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    (project.path / "tests" / "a" / "test_skipped.py").write_text(SKIPPED)
    state(project, '"." = 1\na = 4\n')
    result = run(project)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["a: 3 cases executed, suites.toml states 4"])


def test_a_failing_run_stays_failing_and_is_not_stated(project: pytest.Pytester) -> None:
    (project.path / "tests" / "test_top.py").write_text("def test_top(): assert False\n")
    result = run(project, "--state-suites")
    assert result.ret == 1
    assert not (project.path / "tests" / "suites.toml").exists()


def test_states_what_ran(project: pytest.Pytester) -> None:
    assert run(project, "--state-suites").ret == 0
    assert run(project).ret == 0
    written = (project.path / "tests" / "suites.toml").read_text(encoding="utf-8")
    assert '"." = 1\n' in written
    assert '"a" = 3\n' in written


@pytest.mark.parametrize(("ci", "outcome"), [("", "skipped"), ("true", "errors")])
def test_missing_shared_data_skips_here_and_fails_in_ci(
    pytester: pytest.Pytester, repo_root: Path, monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    monkeypatch.setenv("QUALITRACE_SHARED", str(pytester.path / "nowhere"))
    monkeypatch.setenv("CI", ci)
    source = (repo_root / "tests" / "conftest.py").read_text(encoding="utf-8")
    pytester.makeconftest(source.replace('pytest_plugins = ["pytester", "tests.suites"]', ""))
    pytester.makepyfile("def test_reads(seed_dir): pass")
    result = pytester.runpytest("-rsE")
    result.assert_outcomes(**{outcome: 1})
    result.stdout.fnmatch_lines(["*the shared data is not here*"])
