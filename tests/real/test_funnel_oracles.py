"""Conversion, incidence and durations of real exports against second, plain implementations."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

import funnel_analytics as fa
from funnel_analytics.funnel.reach import CLOCK_OUTCOMES, lasted, reach_of
from funnel_analytics.funnel.survival import aalen_johansen
from lifetimes import kaplan_meier

pytestmark = pytest.mark.parametrize("name", ["salesforce_history", "loan_applications"])

PROFILES = Path(__file__).parent / "profiles"


@cache
def read(shared: Path, name: str) -> fa.Book:
    return fa.read_exports(shared / "data" / "real" / name, profile=PROFILES / f"{name}.toml")


def plain_incidence(days: list[float], kinds: list[str], day: float) -> dict[str, float]:
    """Aalen–Johansen, one day after the other, all that happened on a day at once; no array, no sharing of code."""
    still, found = 1.0, {"advanced": 0.0, "lost": 0.0}
    for moment in sorted({length for length, kind in zip(days, kinds, strict=True) if kind != "open"}):
        if moment > day:
            break
        at_risk = sum(length >= moment for length in days)
        ended = {
            kind: sum(length == moment and what == kind for length, what in zip(days, kinds, strict=True))
            for kind in found
        }
        for kind, count in ended.items():
            found[kind] += still * count / at_risk
        still *= 1 - sum(ended.values()) / at_risk
    return found


@cache
def plain_lives(book: fa.Book) -> pd.DataFrame:
    """One row per opportunity and stage visited, by a loop: days from first entry to going further, loss or now."""
    order = {stage.key: stage.order for stage in book.methodology.stages}
    facts = book.opportunities.set_index("opportunity_id")
    rows = []
    for key, log in book.stage_log.groupby("opportunity_id"):
        if key not in facts.index:
            continue
        opportunity, visits = facts.loc[key], list(log.itertuples())
        closing = []
        for before, visit in zip([None, *visits], visits, strict=False):
            is_won = book.methodology.stage(visit.stage).outcome == "won"
            # A stage that means won, entered by one that is won already, is no second win.
            if visit.exit in ("won", "lost") and not (is_won and before is not None and before.exit == "won"):
                closing += [day for day in [visit.entered if is_won else visit.left] if pd.notna(day)]
        closed = closing[-1] if closing else opportunity.close_date
        for place, visit in enumerate(visits):
            if visit.stage in {earlier.stage for earlier in visits[:place]} or visit.stage not in order:
                continue
            beyond = [later.entered for later in visits[place + 1 :] if order[later.stage] > order[visit.stage]][:1]
            if opportunity.outcome == "won":
                beyond = [min([*beyond, closed])] if not beyond or pd.notna(beyond[0]) else beyond
            kind = "advanced" if beyond else "lost" if opportunity.outcome == "lost" else "open"
            end = beyond[0] if beyond else closed if kind == "lost" else opportunity.last_seen
            furthest = max(order[other.stage] for other in visits)
            days = max((end - visit.entered).days, 0.5) if pd.notna(end) and pd.notna(visit.entered) else np.nan
            rows.append((key, visit.stage, days, kind, furthest > order[visit.stage]))
    return pd.DataFrame(rows, columns=["opportunity_id", "stage", "days", "kind", "was_further"])


def test_counts_are_those_of_a_loop_over_the_visits(shared: Path, name: str) -> None:
    book = read(shared, name)
    lives = plain_lives(book)
    outcome = book.opportunities.set_index("opportunity_id")["outcome"]
    table = fa.stage_conversion(book, counting="visited").set_index("stage")
    found = lives.groupby(["stage", "kind"]).size().unstack(fill_value=0)
    for stage in table.index:
        expected = [found.get(kind, pd.Series(dtype=int)).get(stage, 0) for kind in ("advanced", "lost", "open")]
        assert table.loc[stage, ["advanced", "lost", "open"]].tolist() == expected
    # any: order ignored, so having been further before is enough; a win always is.
    table = fa.stage_conversion(book, counting="any").set_index("stage")
    further = lives["was_further"] | (lives["opportunity_id"].map(outcome) == "won")
    assert table["advanced"].tolist() == [int(further[lives["stage"] == stage].sum()) for stage in table.index]


def test_the_incidence_by_day_with_all_its_ties_is_that_of_a_plain_loop(shared: Path, name: str) -> None:
    book = read(shared, name)
    lives = plain_lives(book)
    for within in (None, 14.0, 30.0):
        for row in fa.stage_conversion(book, counting="visited", within_days=within).itertuples():
            part = lives[(lives["stage"] == row.stage) & lives["days"].notna()]
            assert row.watched == len(part)
            if np.isnan(row.advance_by_day):
                assert (part["days"] >= (within or 0)).sum() < 5
                continue
            expected = plain_incidence(part["days"].tolist(), part["kind"].tolist(), row.within_days)
            assert row.advance_by_day == pytest.approx(expected["advanced"], abs=1e-9)
            assert row.lost_by_day == pytest.approx(expected["lost"], abs=1e-9)
            assert row.undecided_by_day == pytest.approx(1 - sum(expected.values()), abs=1e-9)


def test_the_whole_curve_agrees_and_with_nothing_open_it_ends_at_the_plain_share(shared: Path, name: str) -> None:
    reach = reach_of(read(shared, name))
    at = reach.on_the_clock(1, "visited")
    days, outcome = lasted(reach.clock_days[at, 0]), np.array(CLOCK_OUTCOMES)[reach.clock_outcome[at, 0]]
    curve = aalen_johansen(days, outcome)
    for day in curve.days[:: max(len(curve.days) // 12, 1)]:
        expected = plain_incidence(days.tolist(), outcome.tolist(), day)
        assert curve.by(day, "advanced") == pytest.approx(expected["advanced"], abs=1e-9)
    closed = outcome != "open"
    decided = aalen_johansen(days[closed], outcome[closed])
    assert decided.by(1e6, "advanced") == pytest.approx((outcome[closed] == "advanced").mean(), abs=1e-9)


def test_kaplan_meier_agrees_with_lifelines_on_tied_days(shared: Path, name: str) -> None:
    book = read(shared, name)
    log = book.stage_log
    for stage in book.methodology.open_stages:
        visits = log[(log["stage"] == stage) & log["days"].notna()]
        ended = (visits["exit"] != "open").to_numpy()
        days = visits["days"].clip(lower=0.5).to_numpy()
        if ended.sum() < 2:
            continue
        curve, oracle = kaplan_meier(days, ended), KaplanMeierFitter().fit(days, ended)
        expected = oracle.survival_function_.loc[curve.days].to_numpy().ravel()
        np.testing.assert_allclose(curve.share, expected, atol=1e-9)


def test_a_trend_is_what_plain_pandas_counts(shared: Path, name: str) -> None:
    book = read(shared, name)
    before, after = {"salesforce_history": ("2022Q2", "2022Q3"), "loan_applications": ("2011Q4", "2012-01")}[name]
    table = fa.conversion_trend(book, before=before, after=after, within_days=30).set_index("stage")
    lives = plain_lives(book).dropna(subset=["days"])
    log = book.stage_log.drop_duplicates(["opportunity_id", "stage"])
    lives = lives.merge(log[["opportunity_id", "stage", "entered"]], on=["opportunity_id", "stage"])
    lives = lives.merge(book.opportunities[["opportunity_id", "last_seen"]], on="opportunity_id")
    for side, label in (("before", before), ("after", after)):
        period = book.period(label)
        part = lives[lives["entered"].between(period.start, period.end)]
        followed = part[(part["last_seen"] - part["entered"]).dt.days >= 30]
        quick = followed[followed["days"] <= 30]
        for stage in table.index:
            wanted = [
                (part["stage"] == stage).sum(), (followed["stage"] == stage).sum(),
                ((quick["stage"] == stage) & (quick["kind"] == "advanced")).sum(),
                ((quick["stage"] == stage) & (quick["kind"] == "lost")).sum(),
            ]  # fmt: skip
            names = [f"{what}_{side}" for what in ("entered", "followed", "advanced", "lost")]
            assert table.loc[stage, names].tolist() == wanted
