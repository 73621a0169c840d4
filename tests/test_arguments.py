"""Wrong arguments of public functions: one sentence that says what would be accepted, never another library's error."""

import inspect
from dataclasses import replace
from pathlib import Path
from types import FunctionType
from typing import Any

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_parts
from funnel_analytics.arguments import day_asked

PARTS = team_parts(20)
RATED = [PARTS.ratings.assign(rated_on=pd.Timestamp(day)) for day in ("2026-03-01", "2026-08-01")]
BOOK = fa.assemble(replace(PARTS, ratings=pd.concat(RATED)))
OF_A_BOOK = [
    name for name in fa.__all__ if isinstance(getattr(fa, name), FunctionType) and "book" in inspect.signature(getattr(fa, name)).parameters
]  # fmt: skip
WRONG: dict[str, tuple[Any, ...]] = {
    "by": ("ownr", 5, ["owner"]),
    "counting": ("reachd", 5),
    "within_days": ("90", -1, float("nan"), float("inf"), True),
    "level": ("0.8", 80, None),
    "period": ("2026Q5", 5, ["2026Q4"]),
    "quota": ("3e6", True, -1, float("nan"), float("inf")),
    "draws": ("100", 1.5, None),
    "seed": ("0", None, 1.5, -1),
    "since": ("yesterday", 5, pd.NaT, "05/06/2026"),
    "until": ("yesterday", 5, pd.NaT, ["2026-06-30"]),
    "stage": ("Discovr", 5),
    "from_stage": ("Discovr", 5),
    "revenue_benchmark": ("5", -1, 0, float("nan"), float("inf"), True),
    "every": ("mnth", 5),
    "rollup": ("singel", 5),
    "without_largest": ("3", -1, 1.5),
    "earlier": ("8", -1, 1.5),
    "top": ("8", -1, 1.5),
    "validated": ("yes", None),
    "won": ("O9999", 5, None),
    "stage_rates": ({"Discovr": 0.5}, {"Discover": "x"}, 5),
    "scenarios": (None, {"a": 5}, BOOK),
    "account": ("Acount 3", None),
    "lang": ("fr", 5),
    "outline": ("quaterly_review", 5),
    "template": (5,),
}
NEEDED = {"account": "A3", "scenarios": {}, "path": "never.html"}
CALLS = [
    (name, word, value)
    for name in OF_A_BOOK
    for word in inspect.signature(getattr(fa, name)).parameters
    for value in WRONG.get(word, ())
]


@pytest.mark.parametrize("name", OF_A_BOOK)
@pytest.mark.parametrize(
    "wrong", [BOOK.opportunities, "exports/", Path("exports"), None, 5], ids=lambda value: type(value).__name__
)
def test_what_is_no_book_is_told_how_to_read_one(name: str, wrong: object) -> None:
    needed = {word: value for word, value in NEEDED.items() if word in inspect.signature(getattr(fa, name)).parameters}
    with pytest.raises(
        fa.FunnelError, match=r"is no Book\. Read one: book = funnel_analytics\.read_exports\('exports/'\)\."
    ):
        getattr(fa, name)(wrong, **needed)


@pytest.mark.parametrize(("name", "word", "value"), CALLS, ids=lambda value: str(value)[:20])
def test_a_wrong_argument_is_told_what_would_be_accepted(name: str, word: str, value: object) -> None:
    needed = {key: given for key, given in NEEDED.items() if key in inspect.signature(getattr(fa, name)).parameters}
    with pytest.raises(fa.FunnelError, match=r"Accepted: |no book|read_exports"):
        getattr(fa, name)(BOOK, **{**needed, word: value})


@pytest.mark.parametrize(
    "asked",
    [
        {"as_of": "30.9.2026"},
        {"as_of": 5},
        {"currency": "dollar"},
        {"currency": 5},
        {"calendar": 13},
        {"revenue_benchmark": -1},
        {"methodology": "large_account"},
    ],
    ids=str,
)
def test_a_book_is_made_with_a_date_a_currency_and_a_calendar_or_not_at_all(asked: dict[str, Any]) -> None:
    with pytest.raises(fa.FunnelError, match="Accepted: "):
        fa.assemble(fa.Parts(snapshots=BOOK.snapshots), **asked)


@pytest.mark.parametrize("paths", [5, None, [5]])
def test_what_is_no_path_is_not_read(paths: Any) -> None:
    with pytest.raises(fa.FunnelError, match=f"paths is .*{'None' if paths is None else 5}.*. Accepted: a path."):
        fa.read_exports(paths)


def test_a_misspelt_or_unnamed_argument_is_told_how_the_function_is_called() -> None:
    with pytest.raises(fa.FunnelError, match=r"stage_conversion has no argument 'bye'\. Did you mean 'by'\?"):
        fa.stage_conversion(BOOK, bye="owner")  # type: ignore[call-arg]
    with pytest.raises(fa.FunnelError, match=r"is called as account_profile\(book, account, revenue_benchmark=…\)\."):
        fa.account_profile(BOOK)  # type: ignore[call-arg]
    with pytest.raises(fa.FunnelError, match=r"is called as time_in_stage\(book, by=…\)\."):
        fa.time_in_stage(BOOK, "owner")  # type: ignore[misc]


def test_charts_dashboards_and_sentences_say_so_too() -> None:
    with pytest.raises(fa.FunnelError, match=r"A Book is no stage_conversion table\. Pass what"):
        fa.charts.stage_conversion(BOOK)  # type: ignore[arg-type]
    with pytest.raises(fa.FunnelError, match="is no Book"):
        fa.dashboards.funnel(BOOK.opportunities)  # type: ignore[arg-type]
    with pytest.raises(fa.FunnelError, match="A NoneType is no account_segments table"):
        fa.segment_reasons(None)  # type: ignore[arg-type]
    with pytest.raises(fa.FunnelError, match="snapshots is a list, not a table"):
        fa.Parts(snapshots=[])  # type: ignore[arg-type]
    with pytest.raises(fa.FunnelError, match="Did you mean 'owner'"):
        BOOK.choices("ownr")


def test_a_day_is_the_day_of_its_own_clock() -> None:
    assert day_asked(pd.Timestamp("2026-09-30 23:30", tz="Asia/Shanghai"), "since") == pd.Timestamp("2026-09-30")


def test_the_functions_at_the_door_are_those_in_the_rooms() -> None:
    assert fa.stage_conversion is fa.stage_conversion
    assert inspect.signature(fa.stage_conversion) == inspect.signature(fa.stage_conversion.__wrapped__)  # type: ignore[attr-defined]
