"""The same team in every CRM's layout, in both languages, gives the same tables, value by value."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.book import Book

from .layout_files import write
from .layouts import CANONICAL, DATES, LAYOUTS, METHOD, Layout, Team, make_team, state

TEAM = make_team()
ANALYSES = (
    fa.stage_conversion,
    fa.time_in_stage,
    fa.win_rates,
    fa.sales_velocity,
    fa.pipeline_changes,
    fa.pipeline_change_lines,
    fa.weighted_forecast,
    fa.outlook,
    fa.outlook_opportunities,
    fa.account_segments,
    fa.account_assessment,
)
_FROM_FILE = ("source_file", "source_sheet", "source_row", "stage_label")


def carried(team: Team, layout: Layout) -> tuple[Team, Layout]:
    """The canonical team and layout without what this layout cannot say."""
    names = set(layout.opportunities) | {"outcome"}
    opportunities = {name: heading for name, heading in CANONICAL.opportunities.items() if name in names}
    if "currency" not in names:
        opportunities["currency"] = "currency"
    events, log = team.events, dict(CANONICAL.log)
    if layout.history == "stage_dates":
        # In each export one date for each stage, the last; nothing of amounts and dates.
        events = events[events["stage"].notna() | events["outcome"].notna()]
        known = [events[events["changed_at"] <= day] for day in DATES]
        shown = pd.concat([rows.drop_duplicates(["opportunity_id", "stage", "outcome"], keep="last") for rows in known])
        events = shown.drop_duplicates()
        log = {name: name for name in ("opportunity_id", "changed_at", "stage", "outcome")}
    plain = {
        "opportunities": opportunities,
        "log": log,
        "history": "entries" if layout.history else None,
        "accounts": CANONICAL.accounts if layout.accounts else {},
        # A closed opportunity whose stage is "Closed Lost" has none left.
        "closed": {"won": "", "lost": ""} if layout.closed else {},
    }
    return Team(team.opportunities, events, team.accounts), Layout(**{**CANONICAL.__dict__, **plain})


@lru_cache
def book_of(name: str, form: str) -> Book:
    with TemporaryDirectory() as folder:
        return fa.read_exports(write(Path(folder), TEAM, LAYOUTS[name], form), currency="CNY")


@lru_cache
def reference(name: str) -> Book:
    """The canonical reading of what the layout can say."""
    team, layout = carried(TEAM, LAYOUTS[name])
    with TemporaryDirectory() as folder:
        write(Path(folder), TEAM, layout, "csv")
        if layout.history:
            # The history's closings stand as outcomes, never as a stage's label.
            open_layout = Layout(**{**layout.__dict__, "closed": {}})
            write(Path(folder, "log"), team, open_layout, "csv")
            Path(folder, "log", "history.csv").replace(Path(folder, "history.csv"))
        book = fa.read_exports(sorted(Path(folder).glob("*.csv")), currency="CNY")
    if LAYOUTS[name].history == "stage_dates":
        # Columns that date a stage say nothing of amounts, and the outlook knows that of their source.
        history = book.history.assign(source="stage_dates")
        return replace(book, frames={**book.frames, "history": history})
    return book


def same(left: pd.DataFrame, right: pd.DataFrame, leave_out: tuple[str, ...] = ()) -> None:
    frames = [frame.drop(columns=list(leave_out), errors="ignore") for frame in (left, right)]
    pd.testing.assert_frame_equal(*frames)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", LAYOUTS)
class TestEveryLayout:
    def test_is_recognised_and_loses_nothing(self, name: str, form: str) -> None:
        book = book_of(name, form)
        opportunities = book.receipt[book.receipt["table"] == "opportunities"]
        assert set(opportunities["profile"]) == {LAYOUTS[name].profile}
        assert opportunities["rows_kept"].tolist() == [len(state(TEAM, day)) for day in DATES]
        assert book.receipt["unreadable"].sum() == 0
        held = book.receipt[book.receipt["table"] == "history"]
        assert held["rows_kept"].tolist() == ([len(TEAM.events)] if LAYOUTS[name].log else [])
        assert not book.issues["kind"].isin(["unreadable", "set_aside", "contradiction", "repaired"]).any()

    def test_has_the_same_opportunities(self, name: str, form: str) -> None:
        left, right = book_of(name, form), reference(name)
        assert (left.as_of, left.currency, left.methodology.key) == (right.as_of, "CNY", "large_account")
        for table in ("opportunities", "snapshots"):
            held = [
                getattr(book, table).sort_values(["opportunity_id"], kind="stable", ignore_index=True)
                for book in (left, right)
            ]
            same(held[0], held[1], _FROM_FILE)

    def test_gives_the_same_analyses(self, name: str, form: str) -> None:
        left, right = book_of(name, form), reference(name)
        pd.testing.assert_frame_equal(left.stage_log, right.stage_log)
        for analysis in ANALYSES:
            pd.testing.assert_frame_equal(analysis(left), analysis(right), obj=analysis.__name__)


def test_the_canonical_reading_is_the_team_itself() -> None:
    """What all layouts are compared with is compared with the frames that they were written from."""
    book = reference("English")
    held = book.opportunities.set_index("opportunity_id").sort_index()
    truth = state(TEAM, DATES[-1]).set_index("opportunity_id").sort_index()
    for name in (
        "stage",
        "outcome",
        "amount",
        "close_date",
        "created_date",
        "owner",
        "account_id",
        "probability",
        "forecast_category",
        "loss_reason",
    ):
        assert held[name].fillna("").tolist() == truth[name].fillna("").tolist(), name
    assert {outcome: int(count) for outcome, count in truth["outcome"].value_counts().items()} == {
        "open": 12,
        "lost": 22,
        "won": 6,
    }
    entries = TEAM.events.dropna(subset=["stage"])
    assert len(book.stage_log) == len(entries)
    assert set(entries["stage"]) == set(METHOD.open_stages)


def test_chinese_and_english_layouts_give_identical_tables() -> None:
    """The same CRM, once in English and once in Chinese: Salesforce in three languages, hand-made sheets in three."""
    for names in (("Salesforce report", "Salesforce 简体", "Salesforce 繁體"), ("English", "简体", "繁體")):
        first = book_of(names[0], "csv")
        for name in names[1:]:
            for analysis in ANALYSES:
                pd.testing.assert_frame_equal(
                    analysis(first), analysis(book_of(name, "xlsx")), obj=f"{name} {analysis.__name__}"
                )
