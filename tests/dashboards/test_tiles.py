"""Tiles say what became of their number since the previous export, and a view can be seen as of an earlier day."""

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.dashboards._content import seen_at
from funnel_analytics.dashboards._tiles import Measure, previous_part
from funnel_analytics.forecast.as_known import book_as_of
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.words import date, word

BOOK = team_book(80)
BEFORE = BOOK.export_dates[-2]


@pytest.mark.parametrize(
    ("now", "then", "kind", "said"),
    [
        (12, 10, "number", "+2"),
        (10, 12.0, "number", "−2"),
        (10, 10, "number", "±0"),
        (1500.0, 500.0, "money", "+EUR 1k"),
        (0.25, 0.5, "percent", "−25 points"),
        (None, 3, "number", None),
        (float("nan"), 3, "money", None),
    ],
)
def test_a_change_has_its_sign_and_its_unit(now: float, then: float, kind: str, said: str | None) -> None:
    assert Measure("open_amount", now, kind).difference(Measure("open_amount", then, kind), "EUR", "en") == said


@pytest.mark.parametrize(
    ("won", "lost", "said"), [(15, 5, "75%"), (15, 4, "15 / 19"), (0, 3, "0 / 3"), (30, 0, "30 / 30"), (0, 0, "–")]
)
def test_a_few_closed_opportunities_and_none_that_is_lost_make_no_win_rate(won: int, lost: int, said: str) -> None:
    outcomes = ["won"] * won + ["lost"] * lost + ["open"]
    rows = pd.DataFrame({"opportunity_id": [f"d{place}" for place in range(len(outcomes))], "outcome": outcomes})
    rows = rows.assign(
        stage="Proof", amount=10.0, close_date=pd.Timestamp("2026-09-01"), as_of=pd.Timestamp("2026-09-30")
    )
    tiles = dict(fa.dashboards.funnel_content(fa.assemble(fa.Parts(snapshots=rows), currency="EUR"), lang="en").tiles)
    assert tiles["Win rate (closed)"] == said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_change_of_the_open_opportunities_is_against_the_previous_export(lang: str) -> None:
    name = word("dashboards.open_opportunities", lang)
    now = len(BOOK.where(region="North").open_opportunities)
    listed = BOOK.snapshots[BOOK.snapshots["as_of"] == BEFORE]
    then = ((listed["region"] == "North") & (listed["outcome"] == "open")).sum()
    change = f"{now - then:+d}".replace("-", "−")
    content = fa.dashboards.funnel_content(BOOK, region="North", lang=lang)
    assert content.changes[name] == word("dashboards.since_then", lang, change=change, date=date(BEFORE, lang))
    assert content.changes[name] in fa.dashboards.funnel(BOOK, region="North", lang=lang)._tiles.value


def test_with_a_single_export_no_change_is_claimed() -> None:
    single = fa.assemble(fa.Parts(snapshots=BOOK.snapshots[BOOK.snapshots["as_of"] == BOOK.as_of]))
    assert previous_part(single, {}) is None
    assert not fa.dashboards.funnel_content(single).changes


def test_a_selection_that_the_previous_export_did_not_know_has_no_change() -> None:
    rows = BOOK.snapshots
    newcomer = rows[rows["as_of"] == BOOK.as_of].head(3).assign(owner="Newcomer", opportunity_id=["N1", "N2", "N3"])
    book = fa.assemble(fa.Parts(snapshots=pd.concat([rows, newcomer], ignore_index=True)))
    assert previous_part(book, {"owner": "Newcomer"}) is None
    assert not fa.dashboards.funnel_content(book, owner="Newcomer").changes


def test_a_view_as_of_an_earlier_day_is_that_of_the_book_of_that_day() -> None:
    then = book_as_of(BOOK, BEFORE)
    seen = fa.dashboards.funnel_content(BOOK, as_of=BEFORE)
    assert seen.tiles == fa.dashboards.funnel_content(then).tiles
    assert seen.table.equals(fa.dashboards.funnel_content(then).table)
    assert seen_at(BOOK, None) is BOOK and seen_at(BOOK, BOOK.as_of) is BOOK
    # The day is a control, and the state reproduces it.
    dashboard = fa.dashboards.funnel(BOOK, as_of=f"{BEFORE:%Y-%m-%d}")
    assert dashboard.state["as_of"] == BEFORE
    assert dashboard._content.tiles == seen.tiles


def test_the_expected_amount_is_compared_for_the_same_period() -> None:
    period = BOOK.period().label
    content = fa.dashboards.forecast_content(BOOK)
    now, then = (
        fa.outlook(book, period=period).set_index("component").loc["total", "mean"]
        for book in (BOOK, book_as_of(BOOK, BEFORE))
    )
    assert content.changes[word("dashboards.expected")].startswith("+" if now > then else "−")
    assert word("dashboards.interval") not in content.changes
