"""Controls read what people type, tell what is being waited for, and no table is computed twice."""

from collections.abc import Callable

import pandas as pd
import pytest

import funnel_analytics as fa
from account_books import alike, book_of
from books import team_book
from funnel_analytics.charts import figure
from funnel_analytics.dashboards._content import Content, Control, date_control, filtered, telling
from funnel_analytics.dashboards._live import Dashboard
from funnel_analytics.dashboards._live_amount import Amount
from funnel_analytics.errors import ArgumentError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.words import label, word

BOOK = team_book(60)
REVENUES = {"A": 900_000.0, "B": 400_500.25, "C": 100_000.0}
ACCOUNTS = book_of({key: (revenue, alike(3, 3, 3)) for key, revenue in REVENUES.items()})


@pytest.mark.parametrize(
    ("typed", "shown", "taken"),
    [
        ("450000", "450,000", 450_000),
        ("450k", "450,000", 450_000),
        (" 45万 ", "450,000", 450_000),
        ("1,234.5", "1,234.50", 1_234.5),
        ("", "", None),
    ],
)
def test_an_amount_is_typed_as_people_write_it_and_shown_with_separators(
    typed: str, shown: str, taken: float | None
) -> None:
    control = Amount(None)
    control.value = typed
    assert (control.value, control.amount) == (shown, taken)
    control.amount = taken
    assert control.value == shown


def test_while_no_amount_is_typed_the_proposed_one_stands_in_grey_rounded_and_the_dashboard_says_that_it_is_proposed() -> (
    None
):
    dashboard = fa.dashboards.accounts(ACCOUNTS)
    assert dashboard._inputs["revenue_benchmark"].placeholder == "400,500"
    assert word("dashboards.benchmark_proposed") in dashboard._message.value
    dashboard._inputs["revenue_benchmark"].value = "400k"
    assert word("dashboards.benchmark_proposed") not in dashboard._message.value
    assert dashboard.state["revenue_benchmark"] == 400_000
    dashboard.reset()
    assert dashboard.state["revenue_benchmark"] is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_no_amount_stays_as_it_was_typed_beside_a_sentence(lang: str) -> None:
    dashboard = Dashboard(BOOK, _plain, [Control("revenue_benchmark", default=400_500.25)], lang=lang)
    control = dashboard._inputs["revenue_benchmark"]
    control.value = "plenty"
    assert control.value == "plenty"
    assert "role='alert'" in dashboard._message.value
    assert "plenty" in dashboard._message.value
    assert ("Accepted" in dashboard._message.value) == (lang == "en")
    control.value = "2k"
    assert dashboard.state["revenue_benchmark"] == 2_000
    assert "role='alert'" not in dashboard._message.value


def _plain(_book: fa.Book, **state: object) -> Content:
    return Content([("n", str(state))])


def test_while_a_person_waits_each_analysis_is_named_and_the_charts_are_counted() -> None:
    said: list[str] = []
    dashboard = fa.dashboards.changes(BOOK)
    dashboard._message.observe(lambda change: said.append(change["new"]), names="value")
    dashboard._inputs["region"].value = "North"
    steps = [
        word("dashboards.working_on", name=word("tables.pipeline_changes")),
        word("dashboards.working_on", name=word("tables.pipeline_change_lines")),
        word("dashboards.drawing", place=1, count=1),
    ]
    assert [next((step for step in steps if step in one), None) for one in said] == [None, *steps, None]
    assert said[-1] == ""


def test_another_language_or_another_dashboard_of_the_same_part_computes_no_table_again() -> None:
    first, second, shared = [], [], []
    with telling(first.append):
        fa.dashboards.forecast_content(BOOK, region="South")
    with telling(second.append):
        fa.dashboards.forecast_content(BOOK, region="South", lang="zh-Hans")
    with telling(shared.append):
        fa.dashboards.review_content(BOOK, region="South")
    # The second outlook is that of the previous export, for the change of the tiles.
    assert first.count("outlook") == 2
    assert second == []
    assert shared == ["pipeline_changes"]


def test_a_part_is_cut_once_and_a_list_of_values_is_a_part_too() -> None:
    assert filtered(BOOK, {"region": "North"}) is filtered(BOOK, {"owner": None, "region": "North"})
    both = filtered(BOOK, {"region": ["North", "South"]})
    assert set(both.opportunities["region"]) == {"North", "South"}


def test_a_part_can_be_seen_on_each_day_that_the_whole_book_knows() -> None:
    """The log tells two years; one opportunity that was created in the last quarter was not there before: known."""
    part = BOOK.where(opportunity_id=BOOK.history.groupby("opportunity_id")["changed_at"].min().idxmax())
    days = pd.date_range("2024-09-30", "2026-09-30", freq="ME")
    assert date_control("since", BOOK, BOOK.as_of).choices == tuple(days)
    assert date_control("since", part, BOOK.as_of).choices == tuple(days)
    tiles = dict(fa.dashboards.changes_content(part, since=days[0]).tiles)
    assert tiles[label("opening", "en")] == "EUR 0"


def test_a_table_that_a_person_changes_is_not_what_the_dashboard_shows_next() -> None:
    table = fa.dashboards.forecast_content(BOOK, region="South").table
    table["amount"] = 0.0
    assert fa.dashboards.forecast_content(BOOK, region="South").table["amount"].sum() > 0


@pytest.mark.parametrize("count", [3, 120])
@pytest.mark.parametrize("name", ["accounts", "funnel", "changes", "forecast", "review"])
def test_with_one_export_every_view_shows_what_there_is_or_says_what_is_missing(name: str, count: int) -> None:
    """In one export every opportunity stands in one stage: of some stages nobody has left any."""
    rows = BOOK.snapshots
    single = fa.assemble(fa.Parts(snapshots=rows[rows["as_of"] == BOOK.as_of].head(count)))
    dashboard = getattr(fa.dashboards, name)(single)
    views = dashboard._inputs.get("view")
    for view in [None] if views is None else [value for _, value in views.options]:
        if views is not None:
            views.value = view
        assert dashboard._tiles.value.count("font-size:20px") or "role='alert'" in dashboard._message.value, view
        assert word("dashboards.fault") not in dashboard._message.value, view


def test_changes_begin_where_a_history_does_that_is_younger_than_the_quarter() -> None:
    """One export of 30 September and what changed since 10 August: the day before the quarter is not known."""
    rows, history = BOOK.snapshots, BOOK.history
    since = history[history["changed_at"] >= "2026-08-10"]
    book = fa.assemble(fa.Parts(snapshots=rows[rows["as_of"] == BOOK.as_of], history=since), as_of="2026-09-30")
    dashboard = fa.dashboards.changes(book)
    assert dashboard.state["since"] == since["changed_at"].min().normalize() > pd.Timestamp("2026-08-09")
    assert "role='alert'" not in dashboard._message.value


def test_a_chart_that_cannot_be_drawn_is_a_fault_in_words_and_leaves_no_old_picture() -> None:
    def build(_book: fa.Book, *, period: str | None = None, lang: str | None = None) -> Content:
        axes = figure(2, 1).add_subplot()
        if period == "2":
            axes.remove()
        return Content([("n", "1")], charts=[axes])

    dashboard = Dashboard(BOOK, build, [Control("period", ("1", "2"), "1")])
    assert len(dashboard._charts.children) == 1
    dashboard._inputs["period"].value = "2"
    assert "role='alert'" in dashboard._message.value
    assert not dashboard._charts.children
    # Nor a button for rows that are not there.
    assert dashboard._file.layout.display == "none"


def test_a_tab_is_made_when_it_is_first_looked_at() -> None:
    tabs = fa.dashboards.explore(BOOK)
    made = [bool(page.children) for page in tabs.children]
    assert made == [True] + [False] * (len(made) - 1)
    tabs.selected_index = 2
    assert [bool(page.children) for page in tabs.children] == [place in (0, 2) for place in range(len(made))]


def test_one_account_has_its_profile_and_its_row_of_the_plan() -> None:
    name = ACCOUNTS.accounts.set_index("account_id")["account_name"]["B"]
    content = fa.dashboards.accounts_content(ACCOUNTS, account=name)
    assert content.table["account_id"].tolist() == ["B"]
    assert len(content.charts) == 2


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        (fa.dashboards.accounts_content, {"account": "Mapel Foods"}),
        (fa.dashboards.funnel_content, {"stage": "Mapel Foods"}),
        (fa.dashboards.changes_content, {"cause": "Mapel Foods"}),
    ],
)
def test_what_a_list_cannot_show_is_refused_not_shown_as_all_or_nothing(
    content: Callable[..., Content], asked: dict[str, str]
) -> None:
    with pytest.raises(ArgumentError, match="'Mapel Foods' cannot be chosen for"):
        content(fa.load_sample(), **asked)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_account_outside_the_filters_is_a_sentence_not_all_accounts(lang: str) -> None:
    book = fa.load_sample()
    # Of the opportunities of Maple Foods none is in the north.
    shown = fa.dashboards.accounts_content(book, account="Maple Foods", region="North", lang=lang)
    assert list(shown.notes) == [word("dashboards.account_outside", lang)]
    assert (len(shown.charts), len(shown.table)) == (0, 0)
    # In its own region it is the one that is listed.
    shown = fa.dashboards.accounts_content(book, account="Maple Foods", region="South", lang=lang)
    assert shown.table["account_name"].tolist() == ["Maple Foods"]
