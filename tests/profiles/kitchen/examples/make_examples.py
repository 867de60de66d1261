"""Writes the kitchen's example documents: ``kitchen.xlsx`` (three sheets) and ``readings.csv``.

Everybody and everything in them is made up (示例). The same seed writes the same cells. What is wrong
on purpose is listed in ``defects.yaml``.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path

import openpyxl

HERE = Path(__file__).resolve().parent
SEED = 20250301

STATIONS = [
    ("Station", "Area", "Lead"),
    ("Delivery bay", "Goods in", "Receiving clerk"),
    ("Chiller", "Goods in", "Receiving clerk"),
    ("Slicing", "Cold kitchen", "Cold kitchen lead"),
    ("Salads", "Larder", None),  # no lead; "Larder" is an alias
    ("Grill", "Hot kitchen", "Grill cook"),
    ("Holding", "Hot kitchen", "Hot kitchen lead"),
    ("Oven", "Bakery", "Baker"),
]
PLAN = [
    ("Hazard", "Station", "Control point", "Kind", "Lowest", "Highest", "Unit", "Procedure", "Role"),
    ("H01 Spoiled delivery", "Delivery bay", "CP01 Delivery temperature", "Critical control point",
     None, 5, "°C", "PR01 Checking deliveries", "Receiving clerk"),
    ("H02 Growth in the chiller", "Chiller", "CP02 Chiller temperature", "Critical control point",
     0, 5, "°C", "PR02 Chiller log", "Receiving clerk"),
    ("H03 Listeria on sliced meat", "Slicing", "CP03 Slicer cleaning", "Control point",
     200, None, "ppm", "PR03 Sanitising the slicer", "Cold kitchen lead"),
    ("H04 Soil on leaves", "Salads", "CP04 Wash water", "Control point",
     50, 150, "ppm", "PR04 Washing leaves", "Salad cook"),
    ("H05 Undercooked poultry", "Grill", "CP05 Core temperature", "Critical control point",
     75, None, "°C", "PR05 Probing the core", "Grill cook"),
    ("H06 Growth while holding", "Holding", "CP06 Holding temperature", "Critical control point",
     63, None, "°C", "PR06 Hot holding", None),  # nobody assigned: the station's lead inherits
    ("H07 Glass breakage", "Oven", None, None, None, None, None, None, None),  # uncontrolled
    ("H08 Undercooked filling", "Oven", "CP08 Oven core temperature", "Control point",
     72, None, "°C", None, None),  # no procedure
    ("H09 Allergen carry-over", "Oven", "CP09 Allergen cleaning", "Control point",
     None, None, None, "PR09 Allergen cleaning", "Baker"),  # no limit
]  # fmt: skip
ROSTER = [
    ("Role", "Number", "Cook", "From", "Until", "Stand-in"),
    ("Receiving clerk", "K01", "示例 Ana", "2024-01-01", None, None),
    ("Cold kitchen lead", "K02", "示例 Bo", "2024-01-01", "2025-02-15", None),
    ("Cold kitchen lead", "K03", "示例 Chidi", "2025-02-16", "2025-03-15", "standing in"),
    ("Cold kitchen lead", "K04", "示例 Dora", "2025-03-16", None, None),
    ("Grill cook", "K05", "示例 Emil", "2024-06-01", None, None),
    ("Hot kitchen lead", "K06", "示例 Fatima", "2024-01-01", None, None),
    ("Baker", "K07", "示例 Goran", "2024-01-01", "2025-02-28", None),  # unstaffed from March
]
ACTIONS = {("CP02", 4): "Moved to the second chiller, door seal replaced"}
FAILURES = {("CP02", 4): "7.5", ("CP05", 8): "68"}  # the second one is left without an action
USUAL = {
    "CP01": (1, 4),
    "CP02": (2, 5),
    "CP03": (210, 300),
    "CP04": (60, 140),
    "CP05": (76, 84),
    "CP06": (64, 75),
}
WEEKS = 12


def readings() -> list[tuple[str, str, str, str]]:
    """One reading a week at each control point that has a limit and a procedure."""
    draw = random.Random(SEED)
    rows = [("Point", "Date", "Value", "Action taken")]
    first = dt.date(2025, 1, 6)
    for week in range(WEEKS):
        for point, (low, high) in USUAL.items():
            value = FAILURES.get((point, week), str(draw.randint(low * 10, high * 10) / 10))
            day = first + dt.timedelta(weeks=week)
            rows.append((point, day.isoformat(), value, ACTIONS.get((point, week), "")))
    return rows


def sheets() -> dict[str, list[tuple[object, ...]]]:
    """The workbook's sheets by name."""
    return {"Stations": list(STATIONS), "Hazard plan": list(PLAN), "Roster": list(ROSTER)}


def write(folder: Path) -> None:
    """Write both documents into ``folder``."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets().items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.properties.creator = "示例"
    book.save(folder / "kitchen.xlsx")
    with (folder / "readings.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(readings())


if __name__ == "__main__":
    write(HERE)
