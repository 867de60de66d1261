"""Several processes share the folders between them."""

from __future__ import annotations

from tests.scheduling import chosen, folder

WAITING = [
    ("tests/loading/test_a.py", 9),
    ("tests/web/test_b.py", 8),
    ("tests/graphql/test_c.py", 7),
    ("tests/loading/test_d.py", 6),
    ("tests/neo4j/test_e.py", 5),
    ("tests/test_f.py", 4),
    ("tests/graphql/test_g.py", 3),
]


def test_a_process_stays_with_its_folder_while_something_of_it_waits() -> None:
    assert chosen(WAITING, "graphql", {"loading"}) == "tests/graphql/test_c.py"
    assert chosen(WAITING[3:], "graphql", {"loading"}) == "tests/graphql/test_g.py"


def test_what_takes_long_is_begun_first_and_then_what_has_most_cases() -> None:
    assert chosen(WAITING, None, ()) == "tests/neo4j/test_e.py"
    assert chosen(WAITING, None, {"contract"}) == "tests/web/test_b.py"
    assert chosen(WAITING, "journal", {"contract", "web"}) == "tests/loading/test_a.py"
    assert chosen(WAITING, "journal", {"contract", "web", "loading", "graphql"}) == "tests/test_f.py"


def test_nobody_is_idle_while_a_file_waits() -> None:
    assert chosen(WAITING[:1], "journal", {"loading", "web"}) == "tests/loading/test_a.py"
    both = [("tests/web/test_b.py", 2), ("tests/loading/test_a.py", 9)]
    assert chosen(both, None, {"loading", "web"}) == "tests/loading/test_a.py"


def test_every_file_is_chosen_once() -> None:
    waiting, mine, order = list(WAITING), None, []
    while waiting:
        order.append(chosen(waiting, mine, ()))
        mine = folder(order[-1])
        waiting = [one for one in waiting if one[0] != order[-1]]
    assert sorted(order) == sorted(file for file, _ in WAITING)
    homes = [folder(file) for file in order]
    assert len([one for at, one in enumerate(homes) if at == 0 or homes[at - 1] != one]) == len(set(homes))
