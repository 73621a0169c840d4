"""Both reducers are equal on whatever a team may do, and on every real history."""

import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import funnel_analytics as fa
from funnel_analytics.errors import HistoryError
from warehouses import as_file_and_as_table, assert_same, opened

STAGES = [*fa.load_methodology().stage_keys, None]
WON = [stage.key for stage in fa.load_methodology().stages if stage.outcome == "won"]
DAYS = st.integers(0, 120).map(lambda day: pd.Timestamp("2026-01-01") + pd.Timedelta(days=day))
AMOUNTS = st.one_of(st.none(), st.sampled_from([0.0, 100.0, 250.0, 1_000.0]))
OUTCOMES = st.sampled_from(["open", "won", "lost"])
CATEGORIES = st.sampled_from(["commit", "best_case", "pipeline", "omitted", None])
CHANGES = st.lists(
    st.tuples(DAYS, st.sampled_from(STAGES), st.sampled_from([None, None, None, "won", "lost"]), AMOUNTS),
    max_size=6,
    unique_by=lambda change: change[0],
)
LOOKS = st.lists(
    st.tuples(
        st.sampled_from(STAGES),
        OUTCOMES,
        AMOUNTS,
        st.one_of(st.none(), DAYS),
        st.one_of(st.none(), DAYS),
        CATEGORIES,
        st.sampled_from([None, 0.0, 0.3, 1.0]),
    ),
    min_size=1,
    max_size=3,
)
OPPORTUNITIES = st.tuples(st.one_of(st.none(), DAYS), st.sampled_from(["North", "South", None]), CHANGES, LOOKS)
EXPORTS = [pd.Timestamp("2026-02-28"), pd.Timestamp("2026-03-31"), pd.Timestamp("2026-04-30")]


def book_of(opportunities: list[tuple]) -> fa.Book:
    """Opportunities seen on the last exports, some with a change log; nothing says that it makes sense."""
    looks, changes = [], []
    for number, (created, region, changed, seen) in enumerate(opportunities):
        opportunity = {"opportunity_id": f"O{number}", "created_date": created, "region": region, "currency": "EUR"}
        for as_of, (stage, outcome, amount, close, entered, category, chance) in zip(
            EXPORTS[-len(seen) :], seen, strict=True
        ):
            look = {
                "stage": stage,
                # A stage that means won is believed, so that beside it nothing else can be stated.
                "outcome": "won" if stage in WON else outcome,
                "amount": amount,
                "close_date": close,
                "stage_entered_date": entered,
                "forecast_category": category,
                "probability": chance,
            }
            looks.append({**opportunity, "as_of": as_of, **look})
        changes += [
            {"opportunity_id": f"O{number}", "changed_at": day, "stage": stage, "outcome": outcome, "amount": amount}
            for day, stage, outcome, amount in changed
        ]
    return fa.assemble(fa.Parts(snapshots=pd.DataFrame(looks), history=pd.DataFrame(changes) if changes else None))


def assert_moves_are_same(book: fa.Book, warehouse: object, counting: str = "reached") -> None:
    """Where opportunities went, how soon they got there and how long they stand."""
    assert_same(fa.stage_transitions(book, by="region"), fa.stage_transitions(warehouse, by="region"))
    assert_same(fa.pipeline_ageing(book, by="region"), fa.pipeline_ageing(warehouse, by="region"))
    assert_same(fa.conversion_cohorts(book, stage="Proof"), fa.conversion_cohorts(warehouse, stage="Proof"))
    asked = {"counting": counting, "within_days": 20.5, "by": "region"}
    assert_same(fa.conversion_trend(book, **asked), fa.conversion_trend(warehouse, **asked))


@settings(max_examples=2, suppress_health_check=list(HealthCheck))
@given(st.lists(OPPORTUNITIES, min_size=25, max_size=60), st.sampled_from(["reached", "visited", "strict", "any"]))
def test_both_reducers_are_equal_on_random_data(opportunities: list[tuple], counting: str) -> None:
    book = book_of(opportunities)
    with tempfile.TemporaryDirectory() as folder:
        warehouse = opened(book, Path(folder))
        assert_same(fa.stage_conversion(book, counting=counting), fa.stage_conversion(warehouse, counting=counting))
        assert_same(fa.time_in_stage(book, by="region"), fa.time_in_stage(warehouse, by="region"))
        assert_same(fa.win_rates(book), fa.win_rates(warehouse))
        assert_moves_are_same(book, warehouse, counting)
        if book.has_money:
            assert_same(fa.pipeline_changes(book, by="region"), fa.pipeline_changes(warehouse, by="region"))
            assert_same(fa.quota_pacing(book), fa.quota_pacing(warehouse))
            asked = {"quota": 1_000.0, "period": "2026Q2"}
            assert_same(fa.pipeline_coverage(book, **asked), fa.pipeline_coverage(warehouse, **asked))
            april = {"period": "2026-04", "by": "region"}
            assert_same(fa.slippage(book, **april), fa.slippage(warehouse, **april))
            assert_same(fa.weighted_forecast(book, by="month"), fa.weighted_forecast(warehouse, by="month"))
            cumulative = {"by": "forecast_category", "period": "2026Q1", "rollup": "cumulative", "without_largest": 1}
            assert_same(fa.weighted_forecast(book, **cumulative), fa.weighted_forecast(warehouse, **cumulative))


LABELS = ["Discover", " qualify ", "DEVELOP", "2. Develop", "Proof", "Deploy", "Closed Won", "Closed Lost", "", None]
ROWS = st.tuples(
    st.sampled_from(LABELS),
    st.sampled_from(["open", "Won", "lost ", "?", None]),
    st.sampled_from([None, 0, 100, 250, -5]),
    st.one_of(st.none(), DAYS),
    st.one_of(st.none(), DAYS),
    st.sampled_from([" North", "North", "South\xa0", "-", None]),
    st.sampled_from(["Commit", "best case", "someday", None]),
    st.sampled_from(["EUR", "eur ", None]),
    # How often the row stands there; a second time with another stage, and older.
    st.sampled_from([(1, False), (1, False), (2, False), (1, True)]),
)
LOG = st.lists(
    st.tuples(
        st.integers(0, 12),
        DAYS,
        st.sampled_from(["Discover", " qualify", "PROOF", "Deploy", None]),
        st.sampled_from([None, None, "won", "Lost"]),
        st.sampled_from([1, 1, 2]),
    ),
    max_size=25,
    # Changes of one moment and one stage have an order in a file alone.
    unique_by=lambda change: change[:3],
)
IDS = {"text": str, "padded": " {} ".format, "number": int, "fraction": float}
DATES = {
    "times": lambda dates: dates,
    "seconds": lambda dates: dates.astype("datetime64[s]"),
    "zone": lambda dates: dates.dt.tz_localize("UTC"),
    "text": lambda dates: dates.dt.strftime("%Y-%m-%d"),
}
AMOUNT_KINDS = {"number": float, "decimal": Decimal, "text": "{}.50".format}


def untidy(
    rows: list[tuple], log: list[tuple], ids: str, dates: str, amounts: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table and a log as databases have them: repeated, padded, in other kinds than one would like."""
    opportunities = []
    for number, (stage, outcome, amount, created, close, region, category, currency, (times, older)) in enumerate(rows):
        row = {
            "opportunity_id": IDS[ids](number), "stage": stage, "outcome": outcome,
            "amount": None if amount is None else AMOUNT_KINDS[amounts](amount), "created_date": created,
            "close_date": close, "region": region, "forecast_category": category, "currency": currency,
            "last_modified_date": pd.Timestamp("2026-04-20"),
        }  # fmt: skip
        opportunities += [{**row, "stage": "Proof", "last_modified_date": pd.Timestamp("2026-04-10")}] * older + [
            row
        ] * times
    frame = pd.DataFrame(opportunities)
    for name in ("created_date", "close_date"):
        frame[name] = DATES[dates](frame[name].astype("datetime64[us]"))
    changes = [
        {"opportunity_id": str(number), "changed_at": day, "stage": stage, "outcome": outcome}
        for number, day, stage, outcome, times in log
        for _ in range(times)
    ]
    history = pd.DataFrame(changes, columns=["opportunity_id", "changed_at", "stage", "outcome"])
    return frame, history.assign(changed_at=history["changed_at"].astype("datetime64[us]"))


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(ROWS, min_size=8, max_size=14),
    LOG,
    st.sampled_from(sorted(IDS)),
    st.sampled_from(sorted(DATES)),
    st.sampled_from(sorted(AMOUNT_KINDS)),
)
def test_an_untidy_table_says_what_a_file_of_it_says(
    rows: list[tuple],
    log: list[tuple],
    ids: str,
    dates: str,
    amounts: str,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables = untidy(rows, log, ids, dates, amounts)
        book, warehouse = as_file_and_as_table(*tables, Path(folder), as_of="2026-04-30")
        assert_same(fa.stage_conversion(book, by="region"), fa.stage_conversion(warehouse, by="region"))
        assert_same(fa.win_rates(book), fa.win_rates(warehouse))
        if book.has_money:
            assert_same(
                fa.weighted_forecast(book, by="forecast_category"),
                fa.weighted_forecast(warehouse, by="forecast_category"),
            )


REAL = ["salesforce_history", "loan_applications", "maven", "regional_sales", "salesforce_demo_org", "uk_repd"]
PROFILES = Path(__file__).parents[1] / "real" / "profiles"


@cache
def real(folder: Path, name: str) -> fa.Book:
    profile = PROFILES / f"{name}.toml"
    return fa.read_exports(folder / "data" / "real" / name, **({"profile": profile} if profile.is_file() else {}))


@pytest.mark.parametrize("name", REAL)
def test_both_reducers_are_equal_on_a_real_history(shared: Path, tmp_path: Path, name: str) -> None:
    book = real(shared, name)
    warehouse = opened(book, tmp_path)
    assert_same(fa.stage_conversion(book), fa.stage_conversion(warehouse))
    if len(book.history):
        assert_same(fa.time_in_stage(book), fa.time_in_stage(warehouse))
        assert_same(fa.win_rates(book), fa.win_rates(warehouse))
    stage = book.methodology.open_stages[-1]
    assert_same(fa.stage_transitions(book), fa.stage_transitions(warehouse))
    assert_same(fa.pipeline_ageing(book), fa.pipeline_ageing(warehouse))
    assert_same(fa.conversion_cohorts(book, stage=stage), fa.conversion_cohorts(warehouse, stage=stage))
    if book.has_money:
        assert_same(fa.weighted_forecast(book, by="stage"), fa.weighted_forecast(warehouse, by="stage"))
        assert_same(fa.quota_pacing(book), fa.quota_pacing(warehouse))
        assert_same(fa.pipeline_coverage(book, quota=1e6), fa.pipeline_coverage(warehouse, quota=1e6))
        try:
            slipped = fa.slippage(book)
        except HistoryError:
            # Nobody knows how the pipeline stood as the quarter began.
            with pytest.raises(HistoryError):
                fa.slippage(warehouse)
        else:
            assert_same(slipped, fa.slippage(warehouse))
