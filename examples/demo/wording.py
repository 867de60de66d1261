"""Word duties, work and standards from the patterns of ``texts.toml``."""

from __future__ import annotations

from random import Random
from typing import Any

from demo.model import Duty, Unit, Work

OVERSEER = "质量管理办公室/质量监控岗"
OVERSEER_OF_OVERSEER = "纪检监察处/监督检查岗"


class Wording:
    """Chooses words and figures; the same seed gives the same words."""

    def __init__(self, patterns: dict[str, Any], seed: str) -> None:
        """Keep the patterns by kind of duty."""
        self.patterns = patterns
        self.seed = seed

    def duty(self, unit: Unit, code: str, line: str) -> Duty:
        """Word one duty and its work from a line such as ``run 教材选用与征订 @教材管理岗``."""
        kind, _, rest = line.partition(" ")
        subject, _, post = rest.partition(" @")
        rng = Random(f"{self.seed} {code}")
        pattern = self.patterns[kind]
        text = rng.choice(pattern["duty"]).format(o=subject)
        duty = Duty(code, text, subject, inside=kind != "assist")
        chosen = rng.sample(range(len(pattern["work"])), rng.choice((1, 2, 2)))
        lines = [(pattern["work"][place], post) for place in sorted(chosen)]
        if "lead" in pattern:
            lines.append((pattern["lead"], unit.head))
        for number, (both, doer) in enumerate(lines, start=1):
            work, standard = both.split(" | ")
            duty.works.append(
                Work(
                    code=f"{code}.{number}",
                    text=work.format(o=subject),
                    standard=standard.format(o=subject, **_figures(rng)),
                    post=doer,
                    supervisor=_supervisor(unit, doer),
                )
            )
        return duty


def _figures(rng: Random) -> dict[str, int]:
    return {
        "m": rng.choice((1, 3, 4, 6, 9, 10)),
        "d": rng.choice((5, 10, 15, 20, 25)),
        "n": rng.choice((2, 3, 4)),
        "w": rng.choice((3, 5, 7, 10)),
        "k": rng.choice((20, 30, 40, 60)),
        "p": rng.choice((95, 96, 97, 98, 99)),
        "r": rng.choice((85, 88, 90, 92)),
        "s": rng.choice((1, 2, 3)),
    }


def _supervisor(unit: Unit, doer: str) -> str:
    """Return who checks the work: the deputy or head of the unit, for the head a post elsewhere."""
    leaders = unit.sections[next(iter(unit.sections))]
    if doer not in leaders:
        return leaders[-1]
    if doer != unit.head:
        return unit.head
    return OVERSEER_OF_OVERSEER if OVERSEER.startswith(unit.name) else OVERSEER
