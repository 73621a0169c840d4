"""The sample: rebuilt byte by byte, the same team in both languages, and plausible to a sales director."""

from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.sample import make_team, write_sample
from funnel_analytics.sample.simulation import state_of

FOLDER = Path(__file__).parents[1] / "data" / "sample"
FOLDERS = {"en": FOLDER, "zh-Hans": FOLDER / "zh-Hans"}


@pytest.mark.parametrize("lang", FOLDERS)
def test_the_files_are_what_the_simulation_writes(lang: str, tmp_path: Path) -> None:
    written = write_sample(tmp_path, lang)
    kept = [path for path in FOLDERS[lang].iterdir() if path.suffix in (".xlsx", ".csv")]
    assert sorted(path.name for path in kept) == sorted(path.name for path in written)
    for path in written:
        assert path.read_bytes() == (FOLDERS[lang] / path.name).read_bytes(), path.name


@pytest.mark.parametrize("lang", FOLDERS)
def test_reading_the_files_gives_the_book_that_load_sample_gives(lang: str) -> None:
    read, made = fa.read_exports(FOLDERS[lang]), fa.load_sample(lang)
    assert (read.as_of, read.currency, read.methodology.key) == (made.as_of, made.currency, made.methodology.key)
    assert read.export_dates == made.export_dates
    columns = ["opportunity_id", "opportunity_name", "account_id", "account_name", "owner", "manager", "team", "region", "segment",
               "stage", "outcome", "amount", "currency", "probability", "forecast_category", "created_date", "close_date"]  # fmt: skip
    for frame in ("opportunities", "vanished"):
        left, right = (getattr(book, frame)[columns].sort_values("opportunity_id", ignore_index=True) for book in (read, made))
        pd.testing.assert_frame_equal(left, right)
    pd.testing.assert_frame_equal(read.stage_log, made.stage_log)
    for analysis in (fa.account_segments, fa.account_assessment):
        key = [name for name in ("account_id", "criterion") if name in analysis(made)]
        left, right = (analysis(book).sort_values(key, ignore_index=True) for book in (read, made))
        pd.testing.assert_frame_equal(left, right, check_like=True)
    for analysis in (fa.stage_conversion, fa.time_in_stage, fa.win_rates, fa.pipeline_changes, fa.weighted_forecast, fa.outlook):
        pd.testing.assert_frame_equal(analysis(read), analysis(made))


def test_both_languages_tell_the_same_numbers() -> None:
    english, chinese = fa.load_sample("en"), fa.load_sample("zh-Hans")
    for analysis in (fa.stage_conversion, fa.time_in_stage, fa.win_rates, fa.pipeline_changes, fa.weighted_forecast, fa.outlook):
        pd.testing.assert_frame_equal(analysis(english), analysis(chinese))
    numbers = ["current_revenue", "potential", "segment", "open_amount", "won_amount"]
    left, right = (fa.account_segments(book).sort_values("account_id", ignore_index=True)[numbers] for book in (english, chinese))
    pd.testing.assert_frame_equal(left, right)


def test_every_row_of_the_files_is_kept() -> None:
    receipt = fa.read_exports(FOLDER).receipt
    tables = receipt[receipt["table"] != "ignored"]
    assert (tables["rows_in"] == tables["rows_kept"]).all()
    assert tables["unreadable"].sum() == 0


def test_an_export_shows_only_what_had_happened_by_its_date() -> None:
    team, day = make_team(), pd.Timestamp("2026-03-31")
    known = team.events["changed_at"] <= day
    past = type(team)(team.opportunities, team.events[known], team.accounts, team.ratings, team.quotas)
    pd.testing.assert_frame_equal(state_of(team, day), state_of(past, day))


def test_the_team_is_plausible() -> None:
    book = fa.load_sample()
    closed = fa.win_rates(book).set_index("rate").loc["closed"]
    assert 0.2 < closed["win_rate"] < 0.4
    log = book.stage_log
    assert (log["exit"] == "regressed").sum() > 20
    assert (fa.stage_conversion(book)["skipped_over"].sum()) > 20
    assert len(book.vanished) == 2
    overdue = book.open_opportunities["close_date"] < book.as_of
    assert 0 < overdue.sum() < 15
    won = book.opportunities[book.opportunities["outcome"] == "won"]
    third = won.loc[won["close_date"].between("2026-07-01", "2026-09-30"), "amount"].sum()
    quota = book.quotas.loc[book.quotas["period"] == "2026Q3", "quota"].sum()
    assert 0.7 < third / quota < 1.3


def test_another_seed_is_another_team() -> None:
    assert not make_team(1).events.equals(make_team(2).events)
