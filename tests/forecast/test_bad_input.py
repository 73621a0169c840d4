"""Odd books: each forecast table answers with a word or one message, never with an exception of the mathematics."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import AmountError, FunnelError

TEAM = team_book(40)


LATEST = TEAM.snapshots[TEAM.snapshots["as_of"] == TEAM.as_of]


HALF = LATEST["amount"].mask(np.resize([True, False], len(LATEST)))


def changed(rows: pd.DataFrame = LATEST, **columns: object) -> fa.Book:
    """One export of the team, some columns replaced."""
    return fa.assemble(fa.Parts(snapshots=rows.assign(**columns), quotas=TEAM.quotas))


BOOKS = {
    "no close dates": changed(close_date=pd.NaT),
    "all open": changed(outcome="open", stage="Proof"),
    "all won": changed(outcome="won", stage="Deploy"),
    "all lost": changed(outcome="lost", stage=None),
    "one owner": changed(owner="Ana"),
    "no owner": changed(owner=None),
    "no stage": changed(stage=None),
    "placeholders": changed(amount=1.0),
    "negative": changed(amount=-5.0),
    "some negative": changed(amount=LATEST["amount"] * np.resize([1.0, -1.0], len(LATEST))),
    "equal amounts": changed(amount=50_000.0),
    "no amount in half": changed(amount=HALF, amount_original=HALF),
    "one day": changed(created_date=pd.Timestamp("2026-01-15"), close_date=pd.Timestamp("2026-09-15")),
    "far future": changed(close_date=LATEST["close_date"].mask(LATEST["outcome"] == "open", pd.Timestamp("2199-12-31"))),
    "closed in the future": changed(close_date=pd.Timestamp("2199-12-31")),
    "one": changed(LATEST.head(1)),
    "one open": changed(LATEST[LATEST["outcome"] == "open"].head(1)),
    "eight": changed(LATEST.head(8)),
    "duplicates": changed(pd.concat([LATEST, LATEST.assign(amount=LATEST["amount"] + 1)], ignore_index=True)),
    "with a history": fa.assemble(fa.Parts(snapshots=LATEST.assign(amount=50_000.0), history=TEAM.history)),
    "empty part": TEAM.where(region="North").where(owner=TEAM.where(region="North").choices("owner")[0]).where(outcome="lost"),
    "quota 0": fa.assemble(fa.Parts(snapshots=TEAM.snapshots, quotas=pd.DataFrame({"period": ["2026Q4"], "quota": [0.0]}))),
    "quota negative": fa.assemble(fa.Parts(snapshots=TEAM.snapshots, quotas=pd.DataFrame({"period": ["2026Q4"], "quota": [-1.0]}))),
    "no quota": fa.assemble(fa.Parts(snapshots=TEAM.snapshots)),
    "strange quota": fa.assemble(fa.Parts(snapshots=TEAM.snapshots, quotas=pd.DataFrame({"period": ["soon"], "quota": [5.0]}))),
}  # fmt: skip
ANALYSES: dict[str, Callable[[fa.Book], pd.DataFrame]] = {
    "outlook": lambda book: fa.outlook(book, draws=50),
    "outlook_opportunities": fa.outlook_opportunities,
    "outlook_distribution": lambda book: fa.outlook_distribution(book, draws=50),
    "forecast_accuracy": lambda book: fa.forecast_accuracy(fa.forecast_backtest(book, horizons=["first_day"])),
    "weighted_forecast": lambda book: fa.weighted_forecast(book),
    "cumulative": lambda book: fa.weighted_forecast(book, by="forecast_category", rollup="cumulative", period="2026Q4"),
    "weighted_forecast_opportunities": fa.weighted_forecast_opportunities,
    "pipeline_coverage": fa.pipeline_coverage,
    "coverage by owner": lambda book: fa.pipeline_coverage(book, by="owner"),
    "coverage past": lambda book: fa.pipeline_coverage(book, period="2019Q1"),
    "quota_pacing": fa.quota_pacing,
    "pacing past": lambda book: fa.quota_pacing(book, period="2019Q1"),
    "outlook_drivers": fa.outlook_drivers,
    "scenario_outlook": lambda book: fa.scenario_outlook(
        book, {"x": fa.assume(book, lost=book.open_opportunities["opportunity_id"].head(1))}, draws=50
    ),
}


@pytest.mark.parametrize("analysis", list(ANALYSES))
@pytest.mark.parametrize("name", list(BOOKS))
def test_an_odd_book_gets_an_answer(name: str, analysis: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = ANALYSES[analysis](BOOKS[name])
        declared = tables.TABLES[table.attrs["table"]]
        numbers = table[[column.name for column in declared.columns if column.kind in ("money", "rate", "number")]]
        assert not np.isinf(numbers.to_numpy(dtype="float64")).any()


@pytest.mark.parametrize("name", list(BOOKS))
def test_an_outlook_without_a_number_says_why(name: str) -> None:
    table = fa.outlook(BOOKS[name], by="owner", draws=50)
    unsaid = table["method"] != "insufficient_history"
    assert table.loc[unsaid, ["mean", "p10", "p50", "p90"]].notna().all(axis=None)
    total = table[unsaid & (table["component"] == "total")]
    assert total.loc[total["p_quota"].isna(), "quota"].fillna(0).le(0).all()
    assert table.loc[~unsaid, "warnings"].str.contains("insufficient_history").all()


@pytest.mark.parametrize("name", ["negative", "placeholders", "all open", "empty part"])
@pytest.mark.parametrize("analysis", ["pipeline_coverage", "quota_pacing", "outlook_drivers", "scenario_outlook"])
def test_an_odd_book_gets_its_chart(name: str, analysis: str) -> None:
    assert getattr(fa.charts, analysis)(ANALYSES[analysis](BOOKS[name])).get_title(loc="left")


@pytest.mark.parametrize("name", list(BOOKS))
def test_what_coverage_leaves_out_has_a_word(name: str) -> None:
    for by in (None, "owner"):
        table = fa.pipeline_coverage(BOOKS[name], by=by)
        assert table["status"].notna().all()
        without = table[table["coverage"].isna()]
        assert set(without["status"]) <= {"no_quota", "zero_quota", "quota_met"}


def test_without_amounts_every_forecast_says_that_there_are_none() -> None:
    bare = team_book(30, money=False)
    for analysis in ANALYSES.values():
        with pytest.raises(AmountError, match="holds no amounts"):
            analysis(bare)


def test_unknown_periods_are_one_message() -> None:
    for ask in (fa.pipeline_coverage, fa.quota_pacing, fa.outlook_drivers, fa.weighted_forecast_opportunities):
        with pytest.raises(FunnelError, match="not a period"):
            ask(TEAM, period="next")


def test_probabilities_from_0_to_1_and_0_to_100_in_one_column_are_not_mixed_up_in_silence(tmp_path: Path) -> None:
    text = (
        "Opportunity ID,Stage,Amount,Close Date,Probability\n1,Proof,100,2026-12-01,0.6\n2,Proof,100,2026-12-01,60\n"
        "3,Proof,100,2026-12-01,80%\n4,Proof,100,2026-12-01,0\n"
    )
    (tmp_path / "opportunities 2026-10-15.csv").write_text(text, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    said = " ".join([*book.issues["message"], *book.receipt["decisions"].dropna()])
    assert "Probability" in said
    assert book.opportunities["probability"].dropna().between(0, 1).all()
    weighted = fa.weighted_forecast(book, by=None).iloc[0]
    assert weighted["weighted_crm"] <= weighted["amount"]
