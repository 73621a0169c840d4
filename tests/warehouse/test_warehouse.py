"""A warehouse says what a book says: the reductions are written twice, and must be equal on everything."""

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import md5
from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import ArgumentError, HistoryError, ProfileError, UnknownStageError, WarehouseError
from funnel_analytics.messages import in_language
from warehouses import ANSWERS, assert_same, opened, written

SHAPES = {
    "a change log and three exports": {},
    "three exports": {"history": False},
    "one export": {"history": False, "exports": 1},
}


def history(rows: list[tuple[str, str, str | None, str | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["opportunity_id", "changed_at", "stage", "outcome"])
    return frame.assign(changed_at=pd.to_datetime(frame["changed_at"]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four opportunities: one skips Qualify and is won, one goes back, one is lost in Qualify, one just began."""
    opportunities = pd.DataFrame(
        [
            ("w", "Deploy", "won", 100.0, "2026-01-01", "2026-03-01", "North"),
            ("b", "Discover", "open", 50.0, "2026-01-10", "2026-12-01", "North"),
            ("l", None, "lost", None, "2026-02-01", "2026-02-21", "South"),
            ("n", "Discover", "open", 10.0, "2026-03-20", "2026-12-01", None),
        ],
        columns=["opportunity_id", "stage", "outcome", "amount", "created_date", "close_date", "region"],
    )
    dates = {name: pd.to_datetime(opportunities[name]) for name in ("created_date", "close_date")}
    opportunities.assign(**dates).to_parquet(tmp_path / "opportunities.parquet")
    changes = history(
        [
            ("w", "2026-01-01", "Discover", None), ("w", "2026-01-31", "Develop", None), ("w", "2026-03-01", "Deploy", None),
            ("b", "2026-01-10", "Discover", None), ("b", "2026-01-20", "Qualify", None), ("b", "2026-02-01", "Discover", None),
            ("l", "2026-02-01", "Discover", None), ("l", "2026-02-11", "Qualify", None), ("l", "2026-02-21", None, "lost"),
            ("n", "2026-03-20", "Discover", None),
        ]
    )  # fmt: skip
    changes.to_parquet(tmp_path / "history.parquet")
    return tmp_path


def test_four_opportunities_are_counted_as_by_hand(folder: Path) -> None:
    warehouse = fa.connect(folder, as_of="2026-03-31")
    table = fa.stage_conversion(warehouse).set_index("stage")
    # Discover: all four; w, b and l went on. Qualify: w passed it, l was lost there, b is open and was further nowhere.
    assert table.loc["Discover", ["entered", "advanced", "lost", "open"]].tolist() == [4, 3, 0, 1]
    assert table.loc["Qualify", ["entered", "advanced", "lost", "open"]].tolist() == [3, 1, 1, 1]
    assert table.loc["Develop", ["entered", "advanced", "lost", "open"]].tolist() == [1, 1, 0, 0]
    assert table["skipped_over"].tolist() == [0, 1, 0, 1, 1, 1]
    assert table.loc["Qualify", "regressed_from"] == 1
    visits = fa.time_in_stage(warehouse).set_index("stage")["visits"]
    # b was in Discover twice.
    assert visits.tolist() == [5, 2, 1, 0, 0, 0]
    rates = fa.win_rates(warehouse).set_index("rate")
    assert rates.loc["closed", "win_rate"] == 0.5
    assert rates.loc["created", ["won", "lost", "open"]].tolist() == [1, 1, 2]
    velocity = fa.sales_velocity(warehouse).iloc[0]
    # 2 open × 1/2 × 100 ÷ the 59 days from 1 January to 1 March.
    assert velocity["velocity"] == pytest.approx(2 * 0.5 * 100 / 59)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_warehouse_answers_as_a_book_does(shape: str, tmp_path: Path) -> None:
    book = team_book(90, seed=3, **SHAPES[shape])
    warehouse = opened(book, tmp_path)
    chosen = (
        ANSWERS if shape == "three exports" else ["reached", "time", "changes"][: 3 if book.export_dates[1:] else 2]
    )
    for name in chosen:
        assert_same(ANSWERS[name](book), ANSWERS[name](warehouse))


def test_changes_between_days_that_only_the_history_tells_are_those_of_a_book(tmp_path: Path) -> None:
    book = team_book(90, seed=5)
    warehouse = opened(book, tmp_path)
    dates = {"since": "2026-02-14", "until": "2026-08-15"}
    assert_same(fa.pipeline_changes(book, by="region", **dates), fa.pipeline_changes(warehouse, by="region", **dates))
    with pytest.raises(
        HistoryError, match="It knows the exports: 2026-03-31, 2026-06-30, 2026-09-30, and any day from"
    ):
        fa.pipeline_changes(warehouse, since="2020-01-01")
    (tmp_path / "bare").mkdir()
    # A log of stages alone: neither knows which opportunities were due before the first export.
    bare = opened(
        replace(book, frames=book.frames | {"history": book.history.assign(close_date=pd.NaT)}), tmp_path / "bare"
    )
    assert warehouse.told_from("close_date") == book.told_from("close_date") < book.export_dates[0]
    assert bare.told_from("close_date") == book.export_dates[0]
    with pytest.raises(HistoryError, match="Which close dates stood on 2026-02-14 is not known"):
        fa.pipeline_changes(bare, period="2026Q3", **dates)


def test_a_part_answers_as_the_part_of_a_book_does_and_can_be_brought_as_one(tmp_path: Path) -> None:
    book = team_book(60)
    part = opened(book, tmp_path).where(region="North", owner=["Ana Ruiz", "Li Wei"])
    ours = book.where(region="North", owner=["Ana Ruiz", "Li Wei"])
    for name in ("velocity", "changes", "flow", "pacing", "slippage", "coverage", "weighted by stage", "time"):
        assert_same(ANSWERS[name](ours), ANSWERS[name](part))
    # A quota stands for a part that holds all of whom it is for.
    assert_same(ours.quotas, part.quotas)
    brought = part.book()
    assert set(brought.opportunities["opportunity_id"]) == set(ours.opportunities["opportunity_id"])
    assert_same(fa.stage_conversion(ours), fa.stage_conversion(brought))
    with pytest.raises(WarehouseError, match="at most 3 are brought"):
        part.book(limit=3)


def test_what_needs_every_opportunity_is_refused_in_a_sentence_that_helps(folder: Path) -> None:
    warehouse = fa.connect(folder, as_of="2026-03-31")
    with pytest.raises(WarehouseError, match=r"stay in the warehouse.*\.book\(\)"):
        fa.opportunity_inspection(warehouse)
    with pytest.raises(ArgumentError, match="Did you mean 'region'"):
        fa.stage_conversion(warehouse, by="regoin")
    with pytest.raises(ArgumentError, match="no column 'created_quarter'"):
        fa.time_in_stage(warehouse, by="created_quarter")
    with pytest.raises(ArgumentError, match="own columns"):
        fa.win_rates(warehouse, by="amount")
    # As a number of the warehouse's own an outcome or a day would name no group.
    for column in ("outcome", "close_date", "opportunity_id"):
        with pytest.raises(ArgumentError, match=f"There is no column '{column}' to split by"):
            fa.stage_conversion(warehouse, by=column)
    with pytest.raises(ArgumentError, match="Did you mean 'North'"):
        warehouse.where(region="Noth")
    with pytest.raises(ArgumentError, match="no column 'amount' to filter by"):
        warehouse.where(amount=100.0)
    with pytest.raises(ArgumentError, match="No opportunity has stage 'Prof'"):
        warehouse.where(stage="Prof")


def test_a_part_is_taken_by_stage_and_outcome_too_and_by_the_last_of_many_values(folder: Path) -> None:
    warehouse = fa.connect(folder, as_of="2026-03-31")
    # b and n are open, both in Discover; w and l are closed.
    brought = warehouse.where(outcome="open", stage="Discover").book()
    assert sorted(brought.opportunities["opportunity_id"]) == ["b", "n"]
    assert warehouse.where(outcome=["won", "lost"]).amounts == (2, 1)
    assert warehouse.where(region=[]).amounts == (0, 0)
    with pytest.raises(ArgumentError, match=r"outcome 'shut'\. Accepted: lost, open, won\."):
        warehouse.where(outcome="shut")
    assert warehouse.where(opportunity_id="n").amounts == (1, 1)


def test_a_value_beyond_those_that_are_listed_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = fa.connect(folder, as_of="2026-03-31")
    monkeypatch.setattr("funnel_analytics.warehouse.book_like._MOST_CHOICES", 1)
    assert [warehouse.where(region=region).amounts[0] for region in ("North", "South")] == [2, 1]


def test_the_refusal_says_whether_all_can_be_brought_or_which_part(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = fa.connect(folder, as_of="2026-03-31")
    with pytest.raises(WarehouseError, match=r"The 4 fit into a book: warehouse\.book\(\)"):
        fa.outlook(warehouse)
    monkeypatch.setattr("funnel_analytics.warehouse.book_like.LIMIT", 3)
    # North has two, South one, one has no region.
    with pytest.raises(
        WarehouseError, match=r"there are 4, and at most 3 .*where\(region='North'\)\.book\(\)"
    ) as problem:
        fa.outlook(warehouse)
    assert "共有 4 个，最多取 3 个" in in_language(str(problem.value), "zh-Hans")
    with pytest.raises(WarehouseError, match=r"at most 1 .*where\(region='South'\), or for all"):
        warehouse.book(limit=1)


def of_the_page() -> dict[str, set[str]]:
    """The functions that the page on warehouses names, by the heading of its tables."""
    page = (Path(__file__).parents[2] / "docs" / "warehouse.md").read_text(encoding="utf-8")
    found, heading = {}, ""
    for line in page.splitlines():
        cell = line.strip("| ").split(" | ")[0] if line.startswith("|") else ""
        heading = cell if cell.endswith("on a warehouse") else heading if cell else ""
        found.setdefault(heading, set()).update(re.findall(r"`(\w+)`", cell))
    return found


HERE = of_the_page()["on a warehouse"] & {*fa.__all__}
DATES = {"since": "2026-02-15", "until": "2026-03-31"}
GIVEN = {"period": "2026Q2", "scenarios": {}, "path": "review.html", **DATES}


def analyses() -> dict[str, Callable[..., object]]:
    """Every public function of a book, with those of the dashboards."""
    found = {}
    for room in (fa, fa.dashboards):
        for name in fa.__all__ if room is fa else dir(room):
            function = getattr(room, name)
            if (
                inspect.isfunction(function)
                and not name.startswith("_")
                and "book" in inspect.signature(function).parameters
            ):
                found[name] = function
    return found


def test_every_analysis_that_a_warehouse_does_not_have_says_what_to_do(folder: Path) -> None:
    warehouse, every = fa.connect(folder, as_of="2026-03-31"), analyses()
    assert set(every) > HERE
    # The page names every function, those of the dashboards in one word.
    assert {*every} & {*fa.__all__} == HERE | of_the_page()["not on a warehouse"]
    for name in sorted(set(every) - HERE):
        asked = inspect.signature(every[name]).parameters
        needed = {key: GIVEN.get(key, "x") for key, one in asked.items() if one.default is one.empty or key in DATES}
        with pytest.raises(WarehouseError, match=r"stay in the warehouse.*\.book\(\)") as problem:
            every[name](**{**needed, "book": warehouse})
        assert "数据仓库" in in_language(str(problem.value), "zh-Hans"), name


def test_a_profile_maps_the_columns_and_words_of_the_warehouse(folder: Path) -> None:
    rows = pd.read_parquet(folder / "opportunities.parquet")
    rows = rows.assign(IsWon=rows["outcome"] == "won", IsClosed=rows["outcome"] != "open")
    names = {"opportunity_id": "ID", "stage": "STAGENAME", "amount": "AMOUNT", "created_date": "CREATEDDATE",
             "close_date": "CLOSEDATE"}  # fmt: skip
    words = {"Discover": "Prospecting", "Deploy": "Closed Won"}
    rows = rows.rename(columns=names).drop(columns="outcome").replace({"STAGENAME": words})
    rows["STAGENAME"] = rows["STAGENAME"].fillna("Closed Lost")
    rows.to_parquet(folder / "opportunities.parquet")
    changes = pd.read_parquet(folder / "history.parquet")
    changes["stage"] = changes["stage"].replace(words).fillna("Closed Lost")
    changes = changes.rename(
        columns={"opportunity_id": "OPPORTUNITYID", "changed_at": "CREATEDDATE", "stage": "STAGENAME"}
    )
    changes.drop(columns="outcome").to_parquet(folder / "history.parquet")
    profile = folder / "ours.toml"
    profile.write_text(
        'extends = "salesforce_api"\n[opportunities]\n[history]\n[stages]\nProspecting = "Discover"\n', encoding="utf-8"
    )
    table = fa.stage_conversion(fa.connect(folder, profile=profile, as_of="2026-03-31")).set_index("stage")
    assert table.loc["Qualify", ["entered", "advanced", "lost", "open"]].tolist() == [3, 1, 1, 1]
    changes["STAGENAME"] = changes["STAGENAME"].replace({"Qualify": "Kick-off with the board"})
    changes.to_parquet(folder / "history.parquet")
    with pytest.raises(UnknownStageError, match="Kick-off with the board") as unknown:
        fa.connect(folder, profile=profile, as_of="2026-03-31")
    assert "发现（Discover）" in in_language(unknown.value, "zh-Hans")


def test_a_folder_of_several_csv_files_is_read_as_one_table(folder: Path, tmp_path: Path) -> None:
    expected = fa.stage_conversion(fa.connect(folder, as_of="2026-03-31"))
    for kind in ("opportunities", "history"):
        rows = pd.read_parquet(folder / f"{kind}.parquet")
        (tmp_path / "csv" / kind).mkdir(parents=True)
        for place in range(2):
            rows[place::2].to_csv(tmp_path / "csv" / kind / f"part-{place}.csv", index=False)
    assert_same(expected, fa.stage_conversion(fa.connect(tmp_path / "csv", as_of="2026-03-31")))


def test_what_cannot_be_opened_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no folder"):
        fa.connect(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(WarehouseError, match="one of the two"):
        fa.connect(tmp_path / "empty")
    (folder / "history.parquet").unlink()
    with pytest.raises(WarehouseError, match="date of the data"):
        fa.connect(folder)
    pd.read_parquet(folder / "opportunities.parquet").drop(columns="close_date").to_parquet(
        folder / "opportunities.parquet"
    )
    with pytest.raises(ProfileError, match="no column for close_date"):
        fa.connect(folder, as_of="2026-03-31")


def test_columns_of_another_profile_are_said_to_be_its(folder: Path) -> None:
    with pytest.raises(ProfileError, match=r"in the profile 'hubspot'.*connect\(…, profile=\"canonical\"\)") as problem:
        fa.connect(folder, as_of="2026-03-31", profile="hubspot")
    assert "列名与配置文件“canonical”一致" in in_language(str(problem.value), "zh-Hans")
    opportunities = pd.read_parquet(folder / "opportunities.parquet")
    names = {"opportunity_id": "Id", "stage": "StageName", "amount": "Amount", "created_date": "CreatedDate",
             "close_date": "CloseDate"}  # fmt: skip
    opportunities = opportunities.rename(columns=names).assign(
        IsWon=False, IsClosed=False, OwnerId="x", AccountId="a", Name="n"
    )
    opportunities.drop(columns=["outcome", "region"]).to_parquet(folder / "opportunities.parquet")
    with pytest.raises(ProfileError, match=r"called as in the profile 'salesforce_api'"):
        fa.connect(folder, as_of="2026-03-31")


# Ibis asks DuckDB for names in a way that DuckDB is to give up.
@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
def test_tables_of_a_database_are_found_by_their_names(folder: Path) -> None:
    ibis = pytest.importorskip("ibis")
    backend = ibis.duckdb.connect()
    for kind, name in (("opportunities", "deals"), ("history", "moves")):
        backend.raw_sql(f"create schema if not exists crm; create view crm.{name} as from '{folder / kind}.parquet'")
    warehouse = fa.connect(backend, tables={"opportunities": "crm.deals", "history": "crm.moves"}, as_of="2026-03-31")
    assert fa.stage_conversion(warehouse)["entered"].tolist()[:2] == [4, 3]
    with pytest.raises(WarehouseError, match=r"no table 'crm\.moved' \(history\)\. Did you mean 'moves'"):
        fa.connect(backend, tables={"opportunities": "crm.deals", "history": "crm.moved"})
    with pytest.raises(WarehouseError, match=r"no tables in 'crn', .*Did you mean 'crm'"):
        fa.connect(backend, tables={"opportunities": "crn.deals"})
    with pytest.raises(WarehouseError, match=r"None of the tables of the database \(–\) is called opportunities"):
        fa.connect(backend)
    backend.raw_sql('create view "OPPORTUNITIES" as from crm.deals')
    assert len(fa.connect(backend, as_of="2026-03-31").amounts) == 2
    assert "2026-03-31" in repr(warehouse)


def test_a_sample_by_the_id_is_the_same_in_every_query(tmp_path: Path) -> None:
    ibis = pytest.importorskip("ibis")
    book, backend = team_book(90), ibis.duckdb.connect()
    for kind in ("snapshots", "history"):
        backend.raw_sql(f"create view {kind} as from '{written(book, tmp_path) / kind}.parquet'")
    rows = backend.table("snapshots")
    backend.create_view("part", rows.filter(rows.opportunity_id.hexdigest("md5").left(1).isin(list("0123"))))
    warehouse = fa.connect(backend, tables={"snapshots": "part", "history": "history"}, as_of=book.as_of)
    ids = [one for one in book.opportunities["opportunity_id"] if md5(one.encode()).hexdigest()[0] in "0123"]
    assert 0 < len(ids) < 90
    assert sorted(warehouse.book().opportunities["opportunity_id"]) == sorted(ids)
    assert_same(fa.time_in_stage(book.where(opportunity_id=ids)), fa.time_in_stage(warehouse))


def test_the_weighted_pipeline_of_a_warehouse_is_that_counted_by_hand(folder: Path) -> None:
    plain = fa.weighted_forecast(fa.connect(folder, as_of="2026-03-31")).iloc[0]
    assert plain[["period", "opportunities", "amount", "largest", "without_crm"]].tolist() == [
        "2026Q4",
        2,
        60.0,
        50.0,
        2,
    ]
    opportunities = pd.read_parquet(folder / "opportunities.parquet")
    # Percentages and words as a CRM writes them, and a stage that only the history tells: b is sure to its seller to a quarter and in "Best Case".
    opportunities = opportunities.assign(
        forecast_category=["Closed", "Best Case", None, "Omitted"], probability=[100, 25, 0, 10]
    )
    opportunities.loc[1, "stage"] = None
    opportunities.to_parquet(folder / "opportunities.parquet")
    warehouse = fa.connect(folder, as_of="2026-03-31")
    table = fa.weighted_forecast(warehouse, by="forecast_category", period="2026").set_index("period")
    # w (100) was won in the year; b (50) is open in Discover, 10 % of the method; n (10) is omitted.
    assert table["amount"].to_dict() == {"won": 100.0, "best_case": 50.0, "omitted": 0.0}
    assert table["weighted_nominal"].tolist() == [
        100.0,
        pytest.approx(50 * warehouse.methodology.stages[0].probability),
        0.0,
    ]
    assert table["weighted_crm"].tolist() == [100.0, 12.5, 0.0]
    assert table["omitted"].tolist() == [0, 0, 1]
    # Six visits to open stages ended, one opportunity was won: stock is learned from. In Discover one stood at a month-end, b on
    # 28 February: followed for 31 of 730 days it is still open, and counts a sixth against six that are assumed at 0.6 × 2%.
    assumed = 0.6 * 0.02
    share = ((1 - 31 / 730) * assumed / 6 + assumed * 6) / (6 + 1 / 6)
    # b has been there for longer than that: of its third of ages none is known, and the stage's share stands.
    assert table["weighted_measured"].tolist() == [100.0, pytest.approx(50 * share), 0.0]
    assert set(table["method"]) == {"semi_markov"}
    # A credit is won too, as in the coverage.
    opportunities.assign(amount=opportunities["amount"].mask(opportunities.index == 0, -20.0)).to_parquet(
        folder / "opportunities.parquet"
    )
    credited = fa.connect(folder, as_of="2026-03-31")
    won = fa.weighted_forecast(credited, by="forecast_category", period="2026").iloc[0]
    assert won[["period", "opportunities", "amount", "placeholders"]].tolist() == ["won", 1, -20.0, 0]
    assert fa.pipeline_coverage(credited, period="2026")["won_amount"].tolist() == [-20.0]
    with pytest.raises(ArgumentError, match="neither a period length nor a column"):
        fa.weighted_forecast(warehouse, by="close_date")
