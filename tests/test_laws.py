"""Laws that hold of every analysis in every world: what must change nothing, and what must change just so much."""

import inspect
import os
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from hypothesis import Phase, given, settings, strategies as st

import funnel_analytics as fa
from books import team_parts

Frames = dict[str, pd.DataFrame]
ANALYSES: dict[str, dict[str, object]] = {
    "stage_conversion": {},
    "stage_incidence": {},
    "time_in_stage": {},
    "win_rates": {"within_days": 180},
    "sales_velocity": {},
    "conversion_cohorts": {},
    "stage_transitions": {},
    "conversion_trend": {},
    "pipeline_ageing": {},
    "pipeline_changes": {},
    "pipeline_change_lines": {},
    "pipeline_flow": {"every": "export"},
    "slippage": {},
    "push_counts": {},
    "opportunity_inspection": {},
    "evidenced_pipeline": {},
    "account_segments": {},
    "account_assessment": {},
    "account_plan": {},
    "segment_changes": {},
    "segment_effort": {},
    "whitespace": {},
    "pipeline_coverage": {},
    "quota_pacing": {"earlier": 2},
    "weighted_forecast": {},
    "weighted_forecast_opportunities": {},
}
SPLIT = [name for name in ANALYSES if "by: str | None = None" in str(inspect.signature(getattr(fa, name)))]
AS_OF = pd.Timestamp("2026-09-30")
BENCHMARK = 800_000.0
SUMS = {
    "stage_conversion": (["stage"], ["entered", "advanced", "lost", "open", "won_eventually", "lost_eventually"]),
    "pipeline_changes": (["cause"], ["amount", "opportunities"]),
    "pipeline_flow": (["since", "until", "cause"], ["amount", "opportunities"]),
    "stage_transitions": (["stage", "next"], ["visits", "opportunities"]),
    "weighted_forecast": (["period"], ["opportunities", "amount", "weighted_nominal", "placeholders"]),
    "evidenced_pipeline": (["stage"], ["claimed_opportunities", "claimed_amount", "evidenced_weighted"]),
    "pipeline_coverage": (["period"], ["won_opportunities", "won_amount", "open_opportunities", "open_amount"]),
    "segment_effort": (["segment"], ["accounts", "open_opportunities", "open_amount"]),
}
"""What adds up: the keys and columns of each table."""
OF_THE_WHOLE = [
    "required_coverage", "required_amount", "to_create", "expected_from_due", "yield_rate", "yield_periods",
    "won_from_due", "status",
]  # fmt: skip
"""Of the coverage: a part takes the whole team's yield, as its page says."""
YEARS = 28
"""After so many years the same dates fall on the same weekdays, leap days too."""
worlds = given(seed=st.integers(0, 10**6))
few = settings(max_examples=int(os.environ.get("WORLDS", "1")), phases=[Phase.reuse, Phase.generate])
"""One world is quick; WORLDS=20 tries so many. No smaller seed is a simpler world."""


@lru_cache(4)
def world(seed: int) -> fa.Parts:
    """A team of 25 opportunities whose accounts have ratings and revenue of two dates."""
    parts = team_parts(25, seed)
    rng = np.random.default_rng(seed)
    dated = parts.ratings.assign(rated_on=pd.Timestamp("2026-03-01"))
    again = dated.iloc[::4].assign(rated_on=pd.Timestamp("2026-08-01"))
    again["rating"] = rng.integers(1, 6, len(again)).astype(float)
    revenue = pd.concat(
        parts.accounts.assign(as_of=day, current_revenue=rng.integers(0, 16, 12) * 100_000.0)[
            ["account_id", "as_of", "current_revenue"]
        ]
        for day in (pd.Timestamp("2026-03-31"), AS_OF)
    )
    return replace(parts, ratings=pd.concat([dated, again]), account_snapshots=revenue)


def mapped(parts: fa.Parts, change: Callable[[str, pd.DataFrame], pd.DataFrame]) -> fa.Parts:
    """The tables, each changed."""
    frames = {field.name: getattr(parts, field.name) for field in fields(parts)}
    return fa.Parts(**{name: frame if frame is None else change(name, frame) for name, frame in frames.items()})


def results(book: fa.Book, names: Iterable[str] = ANALYSES, **asked: object) -> Frames:
    """Every analysis of a book; one that the world does not allow says so in a sentence."""
    found = {}
    for name in names:
        try:
            found[name] = getattr(fa, name)(book, **ANALYSES[name], **asked)
        except fa.FunnelError as problem:
            found[name] = pd.DataFrame({"said": [str(problem)]})
    return found


@lru_cache(4)
def book_of(seed: int) -> fa.Book:
    return fa.assemble(world(seed), revenue_benchmark=BENCHMARK)


@lru_cache(4)
def plain(seed: int) -> Frames:
    return results(book_of(seed))


def kinds(name: str) -> dict[str, str]:
    """The kind of each column of an analysis's table."""
    return {column.name: column.kind for column in getattr(fa.tables, name.upper()).columns}


def assert_same(left: Frames, right: Frames) -> None:
    different = {}
    for name, table in left.items():
        try:
            pd.testing.assert_frame_equal(listed(table), listed(right[name]), rtol=1e-9, atol=1e-9)
        except AssertionError as difference:
            different[name] = str(difference)
    assert not different, "\n\n".join(f"{name}: {said}" for name, said in different.items())


def listed(table: pd.DataFrame) -> pd.DataFrame:
    """Lists of opportunities and accounts in one order: where their own leaves a tie, the export's counts."""
    keys = [column for column in table if table[column].dtype == "str"]
    is_list = {"opportunity_id", "account_id"} & set(table)
    return table.sort_values(keys, ignore_index=True) if is_list else table


@worlds
@few
def test_neither_the_order_of_rows_nor_that_of_columns_matters(seed: int) -> None:
    def shuffled(_: str, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.sample(frac=1, random_state=seed).sample(frac=1, axis=1, random_state=seed)

    assert_same(results(fa.assemble(mapped(world(seed), shuffled), revenue_benchmark=BENCHMARK)), plain(seed))


@worlds
@few
def test_money_is_counted_in_any_unit(seed: int) -> None:
    money = ["amount", "amount_original", "current_revenue", "company_revenue", "quota"]

    def doubled(_: str, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{column: 2 * frame[column] for column in money if column in frame})

    twice = results(fa.assemble(mapped(world(seed), doubled), revenue_benchmark=2 * BENCHMARK))
    for name, table in twice.items():
        for column, kind in kinds(name).items():
            if kind == "money" and column in table:
                table[column] /= 2
    once = dict(plain(seed))
    for frames in (once, twice):
        # An amount for one finding, days for another.
        frames["opportunity_inspection"] = frames["opportunity_inspection"].drop(columns="compared")
    assert_same(twice, once)


@worlds
@few
def test_a_filter_that_takes_everything_changes_nothing(seed: int) -> None:
    book = book_of(seed)
    everyone = book.where(region=book.choices("region"))
    assert_same(results(everyone), plain(seed))


@worlds
@few
def test_a_split_says_of_each_part_what_the_part_says_of_itself(seed: int) -> None:
    book = book_of(seed)
    split = results(book, SPLIT, by="region")
    for region in book.choices("region"):
        part = results(book.where(region=region), SPLIT)
        for name, table in split.items():
            whole = OF_THE_WHOLE if name == "pipeline_coverage" else []
            told = table[table["region"] == region].drop(columns=["region", *whole]).reset_index(drop=True)
            assert_same({name: told}, {name: part[name].drop(columns=whole)})


@worlds
@few
def test_tables_split_by_class_begin_with_the_best(seed: int) -> None:
    book = book_of(seed)
    for name, table in results(book, SPLIT, by="segment").items():
        found = table["segment"].drop_duplicates().tolist()
        assert found == sorted(found, key=book.methodology.segment_order.index), name
        assert len(found) > 1, name


@worlds
@few
def test_two_teams_add_up(seed: int) -> None:
    def other(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        ids = {column: "other " + frame[column] for column in ("opportunity_id", "account_id") if column in frame}
        return frame.assign(**ids)

    ours, theirs = world(seed), mapped(world(seed + 1), other)
    both = mapped(ours, lambda name, frame: pd.concat([frame, getattr(theirs, name)], ignore_index=True))
    whole = results(fa.assemble(both, revenue_benchmark=BENCHMARK), SUMS)
    parts = [plain(seed), results(fa.assemble(theirs, revenue_benchmark=BENCHMARK), SUMS)]
    for name, (keys, added) in SUMS.items():
        sums = pd.concat(part[name] for part in parts).groupby(keys)[added].sum()
        together = whole[name].groupby(keys)[added].sum()
        pd.testing.assert_frame_equal(together, sums, obj=name)


@worlds
@few
def test_a_new_name_only_renames(seed: int) -> None:
    names = {"Ana Ruiz": "Zoë", "Ben Ode": "欧阳", "Li Wei": "ana ruiz", "Mia Sun": "=1+1"}

    def renamed(_: str, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(owner=frame["owner"].replace(names)) if "owner" in frame else frame

    book = fa.assemble(mapped(world(seed), renamed), revenue_benchmark=BENCHMARK)
    back = {new: old for old, new in names.items()}
    found = results(book)
    for table in found.values():
        if "owner" in table:
            table["owner"] = table["owner"].replace(back)
    assert_same(found, plain(seed))


@worlds
@few
def test_other_years_have_the_same_numbers(seed: int) -> None:
    def later(_: str, frame: pd.DataFrame) -> pd.DataFrame:
        days = frame.select_dtypes("datetime").columns
        moved = frame.assign(**{day: frame[day] + pd.DateOffset(years=YEARS) for day in days})
        return moved.assign(period=[f"{int(name[:4]) + YEARS}{name[4:]}" for name in moved["period"]]) if "period" in moved else moved  # fmt: skip

    found = results(fa.assemble(mapped(world(seed), later), revenue_benchmark=BENCHMARK))
    for table in found.values():
        for column, values in table.items():
            if values.dtype.kind == "M":
                table[column] = values - pd.DateOffset(years=YEARS)
            elif values.dtype == "str":
                table[column] = values.str.replace(
                    r"^20[5-9]\d(?=Q|$)", lambda year: str(int(year[0]) - YEARS), regex=True
                )
    assert_same(found, plain(seed))


@worlds
@few
def test_an_earlier_day_never_sees_a_later_one(seed: int) -> None:
    day = pd.Timestamp("2026-06-30")

    def cut(_: str, frame: pd.DataFrame) -> pd.DataFrame:
        when = next((column for column in ("as_of", "changed_at", "rated_on") if column in frame), None)
        return frame if when is None else frame[frame[when] <= day]

    known = fa.assemble(mapped(world(seed), cut), revenue_benchmark=BENCHMARK)
    looked_back = fa.assemble(world(seed), as_of=day, revenue_benchmark=BENCHMARK)
    assert_same(results(looked_back), results(known))
