"""Deadlines: what people write, and what it means."""

from __future__ import annotations

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualitrace.loading.deadline import Trouble, parse_deadline

DECEMBER = "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1"
FEBRUARY = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"

# As written → first day, last day, recurrence.
GOLDEN = {
    # the plan's own
    "2018. 10": ("2018-10-01", "2018-10-31", ""),
    "2018.10": ("2018-10-01", "2018-10-31", ""),
    "2019.06": ("2019-06-01", "2019-06-30", ""),
    "2018.12 ~ 2020.12": ("2018-12-01", "2020-12-31", ""),
    "2018~ 2020": ("2018-01-01", "2020-12-31", ""),
    "每年2月月底前": ("", "", FEBRUARY),
    "每年2月 月底前": ("", "", FEBRUARY),
    "每年12月": ("", "", DECEMBER),
    "2018年起每年12月": ("2018-01-01", "", DECEMBER),
    # other ways to write a month, a day, a year
    "2019年8月": ("2019-08-01", "2019-08-31", ""),
    "２０１９年８月": ("2019-08-01", "2019-08-31", ""),
    "2019/8": ("2019-08-01", "2019-08-31", ""),
    "2019-02": ("2019-02-01", "2019-02-28", ""),
    "2020年2月份": ("2020-02-01", "2020-02-29", ""),
    "2019-08-31": ("", "2019-08-31", ""),
    "2019年8月31日前": ("", "2019-08-31", ""),
    "2019.8.31": ("", "2019-08-31", ""),
    "2019年": ("2019-01-01", "2019-12-31", ""),
    "2019年底前": ("", "2019-12-31", ""),
    "2019年8月底前": ("", "2019-08-31", ""),
    "2019年第三季度": ("2019-07-01", "2019-09-30", ""),
    "2019年上半年": ("2019-01-01", "2019-06-30", ""),
    "2019年3-6月": ("2019-03-01", "2019-06-30", ""),
    "2018年12月至2020年12月": ("2018-12-01", "2020-12-31", ""),
    "2019-08-2019-12": ("2019-08-01", "2019-12-31", ""),
    "2019年9月起": ("2019-09-01", "", ""),
    # recurrences
    "每年3月、9月": ("", "", "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=-1"),
    "每年12月31日前": ("", "", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"),
    "自2018年9月起，每年12月底前": ("2018-09-01", "", DECEMBER),
    "每年": ("", "", "FREQ=YEARLY"),
    "每月底": ("", "", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    "每月5日前": ("", "", "FREQ=MONTHLY;BYMONTHDAY=5"),
    "每季度": ("", "", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"),
    # English
    "Aug 2019": ("2019-08-01", "2019-08-31", ""),
    "August 31st, 2019": ("", "2019-08-31", ""),
    "31 August 2019": ("", "2019-08-31", ""),
    "by the end of August 2019": ("", "2019-08-31", ""),
    "2018 to 2020": ("2018-01-01", "2020-12-31", ""),
    "from March 2018 to June 2019": ("2018-03-01", "2019-06-30", ""),
    "every December": ("", "", DECEMBER),
    "every year in December": ("", "", DECEMBER),
    "yearly, by the end of February": ("", "", FEBRUARY),
    "from 2018 every December": ("2018-01-01", "", DECEMBER),
    "Q4 2019": ("2019-10-01", "2019-12-31", ""),
}

KEPT = {
    "每年、每阶段、每过程": Trouble.UNREADABLE,
    "长期": Trouble.UNREADABLE,
    "每学期末": Trouble.UNREADABLE,
    "尽快": Trouble.UNREADABLE,
    "": Trouble.UNREADABLE,
    "2018.13": Trouble.IMPOSSIBLE,
    "2018年0月": Trouble.IMPOSSIBLE,
    "2019年2月30日": Trouble.IMPOSSIBLE,
    "2020~2018": Trouble.IMPOSSIBLE,
    "每年13月": Trouble.IMPOSSIBLE,
    "0000.10": Trouble.IMPOSSIBLE,
    "2019年12月前": Trouble.AMBIGUOUS,
    "每年12月前": Trouble.AMBIGUOUS,
    "before August 2019": Trouble.AMBIGUOUS,
}


@pytest.mark.parametrize(("text", "meaning"), GOLDEN.items())
def test_read(text: str, meaning: tuple[str, str, str]) -> None:
    due = parse_deadline(text)
    days = (day.isoformat() if day else "" for day in (due.due_from, due.due_by))
    assert (*days, due.recurrence) == meaning
    assert due.trouble is Trouble.NONE


@pytest.mark.parametrize(("text", "trouble"), KEPT.items())
def test_kept_as_text(text: str, trouble: Trouble) -> None:
    due = parse_deadline(text)
    assert due.trouble is trouble
    assert due.text == text
    assert (due.due_from, due.due_by, due.recurrence) == (None, None, "")


@given(st.text(max_size=100))
def test_any_text_is_read_or_kept(text: str) -> None:
    due = parse_deadline(text)
    nothing = (due.due_from, due.due_by, due.recurrence) == (None, None, "")
    assert nothing == (due.trouble is not Trouble.NONE)


@given(
    st.integers(1, 9999),
    st.integers(1, 12),
    st.sampled_from(
        ["{y:04}.{m:02}", "{y:04}.{m}", "{y:04}年{m}月", "{y:04}/{m}", "{y:04}-{m:02}", "{y:04} 年 {m} 月"]
    ),
)
def test_every_month_in_every_spelling(year: int, month: int, spelling: str) -> None:
    due = parse_deadline(spelling.format(y=year, m=month))
    assert due.due_from == date(year, month, 1)
    assert due.due_by == date(year, month, calendar.monthrange(year, month)[1])


@given(st.dates(), st.sampled_from(["{d:%d}/{d:%m}", "%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y年%m月%d日"]))
def test_every_day(day: date, spelling: str) -> None:
    if "{" in spelling:  # day and month without a year say no date
        assert parse_deadline(spelling.format(d=day)).trouble is not Trouble.NONE
        return
    text = day.strftime(spelling).replace(day.strftime("%Y"), f"{day.year:04}", 1)
    assert parse_deadline(text).due_by == day


@given(st.dates(), st.dates(), st.sampled_from("~～至到—"))
def test_intervals_in_order_only(first: date, last: date, joint: str) -> None:
    due = parse_deadline(f"{first.isoformat()}{joint}{last.isoformat()}")
    if first <= last:
        assert (due.due_from, due.due_by) == (first, last)
    else:
        assert due.trouble is Trouble.IMPOSSIBLE
