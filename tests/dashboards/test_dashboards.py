"""Dashboards in process: a control changes what the content function gives, and nothing ends in a traceback."""

import gc
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
import pytest
from matplotlib.figure import Figure

import funnel_analytics as fa
from books import team_book
from funnel_analytics.charts import figure
from funnel_analytics.dashboards._content import Content, Control
from funnel_analytics.dashboards._live import _MOST_VIEWS, ALL, Dashboard, tiles_html
from funnel_analytics.dashboards._rows import _MOST_TABLES, Rows, in_words
from funnel_analytics.errors import ArgumentError, HistoryError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.words import label, money, number, word

BOOK = team_book(120)
VIEWS: list[Callable[..., Dashboard]] = [
    fa.dashboards.accounts,
    fa.dashboards.funnel,
    fa.dashboards.changes,
    fa.dashboards.forecast,
    fa.dashboards.review,
]
by_name = {"ids": lambda view: view.__name__}


def images(dashboard: Dashboard) -> list[bytes]:
    return [bytes(image.picture) for image in dashboard._charts.children]


@pytest.mark.parametrize("lang", LANGUAGES[1:])  # English is below
@pytest.mark.parametrize("view", VIEWS, **by_name)
def test_every_view_speaks_every_language(view: Callable[..., Dashboard], lang: str) -> None:
    dashboard = view(BOOK, lang=lang)
    assert dashboard._inputs["owner"].description == word("dashboards.owner", lang)
    assert "role='alert'" not in dashboard._message.value


@pytest.mark.parametrize("view", VIEWS, **by_name)
def test_every_view_shows_charts_tiles_and_rows_a_control_redraws_and_the_state_reproduces_the_view(
    view: Callable[..., Dashboard],
) -> None:
    dashboard = view(BOOK)
    assert images(dashboard)
    assert all(picture.startswith(b"\x89PNG") for picture in images(dashboard))
    assert "role='alert'" not in dashboard._message.value
    assert len(dashboard._content.table)
    assert dashboard._table.layout.display != "none"
    before, tiles = images(dashboard), dashboard._tiles.value
    dashboard._inputs["region"].value = "North"
    assert images(dashboard) != before
    assert dashboard._tiles.value != tiles
    again = view(BOOK, **dashboard.state)
    assert again._tiles.value == dashboard._tiles.value
    assert images(again) == images(dashboard)


def test_the_tiles_are_what_the_filtered_book_gives() -> None:
    dashboard = fa.dashboards.funnel(BOOK, region="North", lang="en")
    open_rows = BOOK.where(region="North").open_opportunities
    assert f">{number(len(open_rows))}<" in dashboard._tiles.value
    assert f">{money(open_rows['amount'].sum(), 'EUR')}<" in dashboard._tiles.value


def test_the_language_changes_controls_and_content_but_not_the_selection() -> None:
    dashboard = fa.dashboards.funnel(BOOK, region="North")
    dashboard._language.value = "zh-Hant"
    assert dashboard.state["region"] == "North"
    assert dashboard.state["lang"] == "zh-Hant"
    assert dashboard._inputs["region"].description == word("dashboards.region", "zh-Hant")
    assert word("tables.account_name", "zh-Hant") in in_words(dashboard._content.table, dashboard.state["lang"])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["funnel", "changes"])
def test_each_view_draws_in_every_language_and_its_name_is_a_word(name: str, lang: str) -> None:
    content = getattr(fa.dashboards, f"{name}_content")
    specs = importlib.import_module(f"funnel_analytics.dashboards.{name}")._controls(BOOK)
    views = next(spec for spec in specs if spec.name == "view")
    for view in views.choices:
        shown = content(BOOK, view=view, lang=lang, region="North")
        assert shown.charts[0].get_title(loc="left") == views.option_label(view, lang)
        assert shown.tiles
        assert len(in_words(shown.table, lang))


@pytest.mark.parametrize("name", ["funnel", "changes"])
def test_an_unknown_view_names_the_nearest_and_an_empty_selection_is_a_sentence_in_each(name: str) -> None:
    content = getattr(fa.dashboards, f"{name}_content")
    wrong = {"funnel": "pipeline_aging", "changes": "slipage"}[name]
    with pytest.raises(ArgumentError, match={"funnel": "pipeline_ageing", "changes": "slippage"}[name]):
        content(BOOK, view=wrong)
    nobody = next(owner for owner in BOOK.choices("owner") if owner not in BOOK.where(region="South").choices("owner"))
    for view in {"funnel": ["stage_funnel", "opportunity_inspection"], "changes": ["pipeline_flow", "slippage"]}[name]:
        empty = content(BOOK, view=view, region="South", owner=nobody)
        assert empty.notes == [word("dashboards.empty")]
        assert not empty.charts


def test_the_inspection_lists_the_opportunities_with_their_reasons_most_money_at_risk_first() -> None:
    content = fa.dashboards.funnel_content(BOOK, view="opportunity_inspection", lang="zh-Hans", by="region")
    findings = fa.opportunity_inspection(BOOK)
    assert content.table["opportunity_id"].tolist() == findings["opportunity_id"].unique().tolist()
    first = fa.inspection_reasons(findings, "zh-Hans")[findings["place"] == 1]
    assert content.table["reasons"].iloc[0] == word("inspection.between", "zh-Hans").join(first)
    assert content.notes == [word("dashboards.not_split", "zh-Hans")]
    assert content.tiles[-1][0] == word("tables.amount_at_risk", "zh-Hans")


def test_claims_without_any_evidence_are_a_sentence() -> None:
    book = fa.assemble(fa.Parts(snapshots=BOOK.snapshots))
    dashboard = fa.dashboards.funnel(book, view="evidenced_pipeline")
    assert "role='alert'" in dashboard._message.value
    assert "evidence" in dashboard._message.value
    assert "Traceback" not in dashboard._message.value


def test_no_choice_is_shown_as_a_word_not_as_an_empty_box() -> None:
    dashboard = fa.dashboards.funnel(BOOK)
    assert dashboard._inputs["owner"].label == word("dashboards.all")
    assert dashboard._inputs["by"].label == word("dashboards.none")
    assert dashboard.state["owner"] is None


def test_an_empty_selection_is_a_sentence() -> None:
    content = fa.dashboards.funnel_content(BOOK.where(region="North"), owner="Ana Ruiz")
    assert content.charts
    empty = BOOK.where(owner="Ana Ruiz")
    both = fa.dashboards.funnel_content(empty, region="North")
    assert both.charts
    south = BOOK.where(region="South").choices("owner")
    nobody = next(owner for owner in BOOK.choices("owner") if owner not in south)
    dashboard = fa.dashboards.funnel(BOOK, region="South", owner=nobody)
    assert word("dashboards.empty") in dashboard._message.value
    assert images(dashboard) == []


def test_reversed_dates_are_a_sentence_in_the_dashboard() -> None:
    dashboard = fa.dashboards.changes(BOOK)
    dashboard._inputs["since"].value = dashboard._inputs["until"].value
    assert "role='alert'" in dashboard._message.value
    assert "Traceback" not in dashboard._message.value
    with pytest.raises(HistoryError, match="before"):
        fa.dashboards.changes_content(BOOK, since="2026-09-30", until="2026-06-30")


def test_a_fault_is_a_message_with_foldable_details(caplog: pytest.LogCaptureFixture) -> None:
    def build(_book: fa.Book, **_state: Any) -> Content:
        raise ZeroDivisionError("<b>boom</b>")

    dashboard = Dashboard(BOOK, build, [])
    assert word("dashboards.fault") in dashboard._message.value
    assert "<b>boom</b>" not in dashboard._message.value
    assert "<details>" in dashboard._message.value
    assert "ZeroDivisionError" in caplog.text


def test_unknown_settings_name_the_nearest() -> None:
    with pytest.raises(ArgumentError, match="region"):
        fa.dashboards.funnel(BOOK, regoin="North")
    with pytest.raises(ArgumentError, match="North"):
        fa.dashboards.funnel(BOOK, region="Nroth")


def test_hostile_names_show_as_text() -> None:
    rows = pd.DataFrame({"opportunity_name": ["<script>alert(1)</script>"], "owner": ["$x$ & <b>"]})
    view = Rows()
    view.show(rows, "en")
    assert "<script>" not in json.dumps(view._dt_args["data_json"])
    assert in_words(rows, "en").iloc[0].tolist() == ["<script>alert(1)</script>", "$x$ & <b>"]
    assert "<i>" not in tiles_html(Content([("<i>", "<i>")], changes={"<i>": "<i>"}))


def test_the_review_button_writes_the_three_files(tmp_path: Any) -> None:
    dashboard = fa.dashboards.review(BOOK, folder=tmp_path / "out")
    dashboard._button.click()
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".html", ".pptx", ".xlsx"]
    assert "role='status'" in dashboard._message.value


def regions_of(dashboard: Dashboard) -> list[dict[str, Any]]:
    return [region for picture in dashboard._charts.children for region in picture.regions]


def choose(dashboard: Dashboard, text: str) -> None:
    """What a click on a part of a picture sends."""
    picture = next(p for p in dashboard._charts.children if any(text in r["text"] for r in p.regions))
    region = next(region for region in picture.regions if text in region["text"])
    picture._handle_custom_msg({"chosen": dict(region["selection"])}, [])


def test_choosing_a_bar_lists_its_opportunities_and_choosing_it_again_takes_it_back() -> None:
    dashboard = fa.dashboards.funnel(BOOK)
    stage = BOOK.open_opportunities["stage"].iloc[0]
    choose(dashboard, label(stage))
    assert dashboard.state["stage"] == stage
    listed = fa.dashboards.funnel_content(BOOK, stage=stage).table
    assert dashboard._content.table.equals(listed)
    choose(dashboard, label(stage))
    assert dashboard.state["stage"] is None


def test_choosing_a_step_of_the_waterfall_lists_its_opportunities() -> None:
    dashboard = fa.dashboards.changes(BOOK)
    choose(dashboard, label("won"))
    assert dashboard.state["cause"] == "won"
    lines = fa.pipeline_change_lines(BOOK)
    assert len(dashboard._content.table) == (lines["cause"] == "won").sum()


def test_the_regions_lie_on_the_picture_and_say_their_value() -> None:
    for region in regions_of(fa.dashboards.funnel(BOOK)) + regions_of(fa.dashboards.changes(BOOK)):
        assert region["left"] >= 0 and region["left"] + region["width"] <= 1.001
        assert region["top"] >= 0 and region["top"] + region["height"] <= 1.001
        assert any(sign.isdigit() for sign in region["text"])


def test_a_hundred_changes_leave_no_widgets_figures_or_views_behind() -> None:
    calls = 0

    def build(_book: fa.Book, **state: Any) -> Content:
        nonlocal calls
        calls += 1
        sheets = [figure(2, 1).add_subplot() for _ in range(1 + calls % 3)]
        return Content([("n", str(calls))], charts=sheets, table=pd.DataFrame({"owner": [str(calls)]}))

    numbers = Control("period", tuple(f"{turn}" for turn in range(100)), "0")
    dashboard = Dashboard(BOOK, build, [numbers])
    for turn in range(1, 10):
        dashboard._inputs["period"].value = f"{turn}"
    gc.collect()
    before, drawings = len(widgets.widget._instances), sum(isinstance(held, Figure) for held in gc.get_objects())
    for turn in range(10, 100):
        dashboard._inputs["period"].value = f"{turn}"
    gc.collect()
    assert calls == 100
    assert f">{calls}<" in dashboard._tiles.value
    # The hundredth view has as many pictures as the tenth.
    assert len(widgets.widget._instances) == before
    assert sum(isinstance(held, Figure) for held in gc.get_objects()) <= drawings
    assert len(dashboard._views) == _MOST_VIEWS
    assert len(dashboard._table._written) == _MOST_TABLES


def test_a_view_seen_before_is_there_at_once_with_its_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    dashboard = fa.dashboards.funnel(BOOK)
    region = dashboard._inputs["region"]
    shown = {None: dict(dashboard._table._dt_args)}
    region.value = "North"
    shown["North"] = dict(dashboard._table._dt_args)
    assert shown["North"] != shown[None]
    said: list[str] = []
    dashboard._message.observe(lambda change: said.append(change["new"]), names="value")
    written: list[str] = []
    monkeypatch.setattr(
        "funnel_analytics.dashboards._rows.in_words",
        lambda table, lang: written.append(lang) or in_words(table, lang),
    )
    for choice in (None, "North"):
        region.value = ALL if choice is None else choice
        assert dashboard._table._dt_args == shown[choice]
    assert (said, written) == ([], [])
    dashboard._language.value = "zh-Hant"
    assert said[0] == f"<p role='status'><i>{word('dashboards.working', 'zh-Hant')}</i></p>"
    assert written == ["zh-Hant"]
    assert word("tables.owner", "zh-Hant") in str(dashboard._table._dt_args)


def test_picked_opportunities_show_the_outlook_under_these_assumptions() -> None:
    first, second = BOOK.open_opportunities.sort_values("amount", ascending=False)["opportunity_id"].head(2)
    dashboard = fa.dashboards.forecast(BOOK)
    before = images(dashboard)
    dashboard._inputs["lost"].value = (first,)
    assert len(images(dashboard)) == len(before) + 1
    assert dashboard.state["lost"] == (first,)
    again = fa.dashboards.forecast(BOOK, **dashboard.state)
    assert images(again) == images(dashboard)
    # The same opportunity cannot be both: a sentence, no traceback.
    dashboard._inputs["won"].value = (first, second)
    assert "both won and lost" in dashboard._message.value
    assert "Traceback" not in dashboard._message.value


def test_the_language_keeps_what_was_picked() -> None:
    picked = BOOK.open_opportunities["opportunity_id"].iloc[0]
    dashboard = fa.dashboards.forecast(BOOK, slipped=[picked])
    dashboard._language.value = "zh-Hans"
    assert dashboard.state["slipped"] == (picked,)
    with pytest.raises(ArgumentError, match="cannot be chosen for slipped"):
        fa.dashboards.forecast(BOOK, slipped=["nobody"])


def test_the_coverage_tile_says_a_word_where_there_is_no_ratio() -> None:
    tiles = dict(fa.dashboards.forecast_content(BOOK).tiles)
    row = fa.pipeline_coverage(BOOK).iloc[0]
    assert tiles[word("dashboards.coverage")] == f"{row['coverage']:.1f}× / {row['required_coverage']:.1f}×"
    part = dict(fa.dashboards.forecast_content(BOOK, owner="Ana Ruiz").tiles)
    assert part[word("dashboards.coverage")] == word("values.no_quota")
    # Of a period that is over nothing is open, and what was won has no range.
    past = dict(fa.dashboards.forecast_content(BOOK, period="2026Q3").tiles)
    assert past[word("dashboards.coverage")] in (word("values.missed"), word("values.quota_met"))
    assert past[word("dashboards.interval")] == "–"
    # One opportunity that will hardly be won: four cases of five end at 0, which is no range.
    hardly = dict(fa.dashboards.forecast_content(team_book(8), period="2026Q4").tiles)
    assert hardly[word("dashboards.interval")] == "EUR 0"


def test_an_unknown_opportunity_in_the_headless_view_names_the_nearest() -> None:
    with pytest.raises(ArgumentError, match="no open opportunity"):
        fa.dashboards.forecast_content(BOOK, lost=["O9999"])


def test_what_the_exports_never_name_is_said_and_no_chart_is_made_of_it(tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    rows = [f"d{day},Deal {day},10,2026-01-{day:02},{'Won' if day < 6 else 'Open'}" for day in range(1, 9)]
    file.write_text("\n".join(["Deal ID,Deal Name,Amount,Created Date,Status", *rows]), encoding="utf-8")
    book = fa.read_exports(file, as_of="2026-06-30")
    funnel = fa.dashboards.funnel_content(book, lang="en")
    assert not funnel.charts and "No opportunity has a known stage" in funnel.notes[0] and len(funnel.table) == 3
    assert fa.dashboards.funnel_content(book, view="opportunity_inspection").charts
    assert "name no account" in fa.dashboards.accounts_content(book, lang="en").notes[0]
