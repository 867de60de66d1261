"""Make the demonstration college: demo-college.xlsx, defects.yaml, planted.yaml, the tables in README.md.

    python examples/make_demo.py [folder]

Needs openpyxl only. The seed is fixed: the same program gives the same files.
"""

from __future__ import annotations

import sys
from pathlib import Path

from demo.defects import DUTIES, ORGANISATION, STANDARDS
from demo.defects_network import NETWORK
from demo.defects_plan import DIAGNOSIS, RULES, TASKS
from demo.follows import follows
from demo.forms import workbook
from demo.forms_more import more_sheets
from demo.listing import write_plants, write_plants_table, write_table, write_yaml
from demo.planted import plant
from demo.source import college, read
from demo.supplement import plants, supplement
from demo.wording import Wording
from demo.xlsx import save

SEED = "示例职业技术学院 2025"
TITLE = "示例职业技术学院 内部质量保证体系（示例数据，虚构）"
DEFECTS = (*ORGANISATION, *DUTIES, *STANDARDS, *TASKS, *DIAGNOSIS, *RULES, *NETWORK)


def main(folder: Path) -> None:
    """Write the files into a folder."""
    made = college(SEED)
    more = supplement(made, Wording(read("texts"), SEED))
    plant(made, DEFECTS)
    book, places = workbook(made)
    more_sheets(book, made, more, places)
    save(book, folder / "demo-college.xlsx", TITLE)
    write_yaml(DEFECTS, places, folder / "defects.yaml")
    write_table(DEFECTS, places, folder / "README.md")
    planted = plants(made, more)
    planted += follows(made, more, planted)
    write_plants(planted, folder / "planted.yaml")
    write_plants_table(planted, folder / "README.md")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
