"""A table of a warehouse says what a file of the same content says, or is refused in a sentence."""

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import AmountError, ArgumentError, CurrencyError, ProfileError, WarehouseError
from funnel_analytics.messages import in_language
from warehouses import DATE_COLUMNS, as_file_and_as_table, assert_same, team, written

NUMBERS = dict(zip("wblnp", range(1, 6), strict=True))


Tables = tuple[pd.DataFrame, pd.DataFrame]


def more(frame: pd.DataFrame, **row: object) -> pd.DataFrame:
    """A frame with its first row once more, changed."""
    return pd.concat([frame, frame.iloc[[0]].assign(**row)], ignore_index=True)


def within_march(days: pd.Series) -> pd.Series:
    """January to March drawn together, so that no month-end has passed by its last day."""
    return pd.Timestamp("2026-03-01") + ((days - pd.Timestamp("2026-01-01")) / 3).dt.floor("D")


ALIKE: dict[str, Callable[[pd.DataFrame, pd.DataFrame], Tables]] = {
    "no changes at all": lambda opportunities, log: (opportunities, log.iloc[:0]),
    "neither stages nor outcomes": lambda opportunities, log: (opportunities.assign(stage=None, outcome=None), log),
    "no outcomes": lambda opportunities, log: (opportunities.drop(columns="outcome"), log),
    "no close dates": lambda opportunities, log: (opportunities.assign(close_date=pd.NaT), log),
    "amounts of the history alone": lambda opportunities, log: (opportunities.assign(amount=None), log.assign(amount=range(10, 110, 10))),
    "the same row twice": lambda opportunities, log: (more(opportunities), more(log)),
    "an id twice, one row newer": lambda opportunities, log: (
        more(opportunities.assign(last_modified_date=pd.Timestamp("2026-03-01")), stage="Proof", outcome="open", amount=99.0,
             last_modified_date=pd.Timestamp("2026-02-01")), log,
    ),
    "changes of one moment": lambda opportunities, log: (
        opportunities, pd.concat([log, *(log.iloc[[0]].assign(opportunity_id="p", stage=key) for key in ("Proof", "Discover"))]),
    ),
    "changes of an opportunity that is not listed": lambda opportunities, log: (opportunities, more(log, opportunity_id="?")),
    "changes without id or date": lambda opportunities, log: (
        opportunities, more(more(log, opportunity_id=None), changed_at=pd.NaT),
    ),
    "times with a zone and in other units": lambda opportunities, log: (
        opportunities.assign(created_date=opportunities["created_date"].dt.tz_localize("UTC"), close_date=opportunities["close_date"].astype("datetime64[s]")),
        log.assign(changed_at=(log["changed_at"] + pd.Timedelta(hours=23)).astype("datetime64[ns]")),
    ),
    "dates as text": lambda opportunities, log: (
        opportunities.assign(**{name: opportunities[name].dt.strftime("%Y-%m-%d") for name in DATE_COLUMNS}),
        log.assign(changed_at=log["changed_at"].dt.strftime("%Y-%m-%d") + "T23:30:00+02:00"),
    ),
    "a counter's zero": lambda opportunities, log: (opportunities.assign(created_date=pd.Timestamp("1970-01-01")), log),
    "decimals": lambda opportunities, log: (opportunities.assign(amount=[Decimal("100.10"), Decimal(50), None, Decimal(10), Decimal(70)]), log),
    "amounts as text": lambda opportunities, log: (opportunities.assign(amount=["100.5", " 50", "", "-", "70"]), log),
    "ids as numbers": lambda opportunities, log: (
        opportunities.assign(opportunity_id=opportunities["opportunity_id"].map(NUMBERS).astype("float64")),
        log.assign(opportunity_id=log["opportunity_id"].map(NUMBERS).astype("str")),
    ),
    "padded ids and words": lambda opportunities, log: (
        opportunities.assign(opportunity_id=" " + opportunities["opportunity_id"] + "  ", stage=opportunities["stage"].str.upper() + " ",
                     region=[" North", "North ", "", "-", "South\xa0"]), log,
    ),
    "several currencies": lambda opportunities, log: (opportunities.assign(currency=["EUR", "USD", "EUR", "USD", None]), log),
    "a currency in several spellings": lambda opportunities, log: (opportunities.assign(currency=["EUR", "eur", " EUR", None, "€"]), log),
    "stages against outcomes": lambda opportunities, log: (
        opportunities.assign(stage=["Closed Won", "Discover", "Closed Lost", "Discover", "Proof"], outcome=["lost", "won", "won", None, "lost"]),
        log,
    ),
    "a column of outcomes that holds other words": lambda opportunities, log: (opportunities.assign(outcome=["Hot", "Warm", "Hot", "Cold", "Cold"]), log),
    "currencies that are none": lambda opportunities, log: (opportunities.assign(currency=["EUR", "EUR", "gold", "EUR", "gold"]), log),
    "a change log with words that are no outcomes": lambda opportunities, log: (
        opportunities, log.assign(outcome=log["outcome"].mask(log["opportunity_id"] == "n", "Perhaps")),
    ),
    "probabilities as text": lambda opportunities, log: (opportunities.assign(probability=["100%", "25%", "", "10", "soon"]), log),
    "probabilities that are none": lambda opportunities, log: (opportunities.assign(probability=[100, 25, 0, -10, 300]), log),
    "everything within one month": lambda opportunities, log: (
        opportunities.assign(**{name: within_march(opportunities[name]) for name in DATE_COLUMNS}), log.assign(changed_at=within_march(log["changed_at"])),
    ),
    "names in capitals": lambda opportunities, log: (opportunities.rename(columns=str.upper), log.rename(columns=str.title)),
}  # fmt: skip


@pytest.mark.parametrize("case", ALIKE)
def test_a_table_says_what_a_file_of_the_same_content_says(case: str, tmp_path: Path) -> None:
    book, warehouse = as_file_and_as_table(*ALIKE[case](*team()), tmp_path, as_of="2026-03-31")
    assert_same(fa.stage_conversion(book, by="region"), fa.stage_conversion(warehouse, by="region"))
    assert_same(fa.win_rates(book), fa.win_rates(warehouse))
    assert book.has_money == warehouse.has_money
    if book.has_money:
        assert_same(fa.weighted_forecast(book, by="stage"), fa.weighted_forecast(warehouse, by="stage"))
    # The table tells each kind of trouble once with its number, the file each row.
    kinds = {"contradiction": "outcome_against_stage"}
    told = {kinds.get(kind, reason) for kind, reason in book.issues[["kind", "reason"]].itertuples(index=False)}
    # Only a table can be told in the zone of a session.
    assert told - {"blank_stage"} == set(warehouse.issues["reason"]) - {"time_zone"}


REFUSED: dict[str, tuple[Callable[[pd.DataFrame, pd.DataFrame], Tables], str]] = {
    "no opportunities": (lambda opportunities, log: (opportunities.iloc[:0], log), "no rows up to 2026-03-31"),
    "text that is no date": (
        lambda opportunities, log: (opportunities.assign(created_date=["2026-01-01", "soon", "02/03/2026", "2026-02-30", None]), log),
        "'created_date' of the table 'opportunities' holds 3 values that are no dates, as 'soon'",
    ),
    "dates as numbers": (
        lambda opportunities, log: (opportunities, log.assign(changed_at=20260101)),
        "'changed_at' of the table 'history' holds 10 values that are no dates, as '20260101'",
    ),
    "text that is no number": (
        lambda opportunities, log: (opportunities.assign(amount=["1.234,50", "50", None, "10", "70"]), log),
        "holds 1 values that are no numbers, as '1.234,50'",
    ),
    "infinite amounts": (lambda opportunities, log: (opportunities.assign(amount=float("inf")), log), "no numbers, as 'inf"),
    "an id twice that contradicts itself": (
        lambda opportunities, log: (more(opportunities, amount=99.0), log), "1 ids stand in several rows .* as 'w', and no time",
    ),
    "names without an id": (
        lambda opportunities, log: (opportunities.assign(opportunity_id=["w", None, "l", "n", None], opportunity_name="Pumps"), log),
        "2 rows of the table 'opportunities' have a name, as 'Pumps', but no id",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_table_cannot_say_by_itself_is_refused_in_a_sentence(case: str, tmp_path: Path) -> None:
    change, said = REFUSED[case]
    for kind, frame in zip(("opportunities", "history"), change(*team()), strict=True):
        frame.to_parquet(tmp_path / f"{kind}.parquet")
    with pytest.raises(WarehouseError, match=said) as problem:
        fa.connect(tmp_path, as_of="2026-03-31")
    assert in_language(str(problem.value), "zh-Hans") != str(problem.value)


BEFORE = 'extends = "canonical"\n[opportunities]\n[history.columns]\nfrom_stage = ["before"]\n'
CHANGES_OTHERWISE = {
    "lists changes field by field": lambda log: log.rename(columns={"stage": "new_value"}),
    r"tells the stage before each change \('before'\)": lambda log: log.assign(before=None),
}


@pytest.mark.parametrize("said", CHANGES_OTHERWISE)
def test_changes_written_in_another_way_than_row_by_row_are_refused(said: str, tmp_path: Path) -> None:
    opportunities, log = team()
    opportunities.to_parquet(tmp_path / "opportunities.parquet")
    CHANGES_OTHERWISE[said](log).to_parquet(tmp_path / "history.parquet")
    (tmp_path / "ours.toml").write_text(BEFORE, encoding="utf-8")
    with pytest.raises(ProfileError, match=f"The table 'history' {said}") as problem:
        fa.connect(tmp_path, profile=tmp_path / "ours.toml", as_of="2026-03-31")
    assert "history" in in_language(str(problem.value), "zh-Hans") != str(problem.value)


def test_amounts_that_cannot_be_added_are_refused_with_what_to_do(tmp_path: Path) -> None:
    opportunities, log = team()
    for name, frame, kind, said in (
        ("two", opportunities.assign(currency=["EUR", "USD", "EUR", "USD", "EUR"]), CurrencyError, "in 2 currencies"),
        ("none", opportunities.assign(amount=None), AmountError, "holds no amounts"),
    ):
        (tmp_path / name).mkdir()
        frame.astype({"amount": "float64"}).to_parquet(tmp_path / name / "opportunities.parquet")
        log.to_parquet(tmp_path / name / "history.parquet")
        warehouse = fa.connect(tmp_path / name, as_of="2026-03-31")
        assert not warehouse.has_money
        with pytest.raises(kind, match=said) as problem:
            fa.pipeline_coverage(warehouse)
        assert in_language(str(problem.value), "zh-Hant") != str(problem.value)
        # What needs no amounts is counted: one of the five was won, one lost.
        assert fa.win_rates(warehouse).set_index("rate").loc["closed", ["opportunities", "won"]].tolist() == [2, 1]


def test_nothing_is_learned_from_before_the_first_month_end_and_accounts_may_tell_nothing(tmp_path: Path) -> None:
    opportunities, log = team()
    for kind, frame in {
        # On 30 January no month-end has passed since the first change: there is no stock to learn what comes of b from.
        "opportunities": opportunities[opportunities["opportunity_id"] == "b"].assign(account_id="k"),
        "history": log[log["changed_at"] < "2026-01-30"],
        "accounts": pd.DataFrame({"account_id": ["k"], "note": ["large"]}),
    }.items():
        frame.to_parquet(tmp_path / f"{kind}.parquet")
    warehouse = fa.connect(tmp_path, as_of="2026-01-30")
    row = fa.weighted_forecast(warehouse.where(region=None), by=None).iloc[0]
    assert row[["period", "opportunities", "amount"]].tolist() == ["total", 1, 50.0]
    assert pd.isna(row["weighted_measured"])
    assert not hasattr(warehouse, "opportunity")
    # Where no date is given, it is that of the newest change: b went on on 20 January.
    assert fa.connect(tmp_path).as_of == pd.Timestamp("2026-01-20")


def test_what_is_no_warehouse_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opportunities, log = team()
    opportunities.to_parquet(tmp_path / "opportunities.parquet")
    with pytest.raises(ArgumentError, match="tables= names the tables of a database"):
        fa.connect(tmp_path, tables={"opportunities": "deals"})
    with pytest.raises(WarehouseError, match=r"A DataFrame is no warehouse\. Give an Ibis backend"):
        fa.connect(opportunities)
    backend = pytest.importorskip("ibis").duckdb.connect()
    with pytest.raises(
        ArgumentError, match=r"'opportunity' is not a table of a warehouse\. Did you mean 'opportunities'"
    ):
        fa.connect(backend, tables={"opportunity": "deals"})
    (tmp_path / "ours.toml").write_text('extends = "canonical"\n[opportunities]\n', encoding="utf-8")
    log.to_parquet(tmp_path / "history.parquet")
    with pytest.raises(ProfileError, match=r"has no \[history\]"):
        fa.connect(tmp_path, profile=tmp_path / "ours.toml", as_of="2026-03-31")
    log.to_csv(tmp_path / "history.csv", index=False)
    with pytest.raises(WarehouseError, match="The table history stands as Parquet and as CSV"):
        fa.connect(tmp_path, as_of="2026-03-31")
    monkeypatch.setitem(sys.modules, "ibis", None)
    with pytest.raises(WarehouseError, match="Warehouses need Ibis, which is not installed: pip install"):
        fa.connect(tmp_path)


def test_rows_that_say_nothing_are_counted(tmp_path: Path) -> None:
    opportunities, _ = team()
    opportunities["opportunity_id"] = ["w", None, "l", "n", None]
    opportunities.to_parquet(tmp_path / "opportunities.parquet")
    warehouse = fa.connect(tmp_path, as_of="2026-03-31")
    assert warehouse.issues["message"].tolist() == [
        "2 rows of the table 'opportunities' have neither an id nor a name: they are not kept."
    ]
    assert fa.win_rates(warehouse).set_index("rate").loc["created", "opportunities"] == 3
    assert "issues        1" in repr(warehouse)
    assert warehouse.book().issues["reason"].tolist() == ["missing_id"]


def test_a_part_of_nothing_answers_as_that_of_a_book_does(tmp_path: Path) -> None:
    opportunities, log = team()
    opportunities = opportunities.assign(opportunity_type=["New", "New", "Old", "New", "Old"])
    book, warehouse = as_file_and_as_table(opportunities, log, tmp_path, as_of="2026-03-31")
    ours, theirs = (source.where(region="North", opportunity_type="Old") for source in (book, warehouse))
    assert len(ours.opportunities) == 0
    for answer in (fa.stage_conversion, fa.time_in_stage, fa.win_rates):
        assert_same(answer(ours), answer(theirs))
    assert theirs.amounts == (0, 0)


FLAGGED = """
extends = "canonical"
[opportunities.columns]
is_won = ["is_won"]
is_closed = ["is_closed"]
[history]
"""


@pytest.mark.parametrize(
    ("won", "closed"),
    [
        ([1, 0, 0, 0, 0], [1, 0, 1, 0, 0]),
        (["yes", "no", "no", "no", "no"], ["是", "否", "是", "否", "否"]),
        (["yes", "no", "perhaps", "no", "no"], ["Y", "N", "Y", None, "N"]),
        ([True, None, None, None, None], [True, False, True, False, False]),
    ],
)
def test_flags_are_read_in_the_words_of_files(won: list[object], closed: list[object], tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(FLAGGED, encoding="utf-8")
    opportunities, log = team()
    opportunities = opportunities.drop(columns="outcome").assign(is_won=won, is_closed=closed)
    book, warehouse = as_file_and_as_table(
        opportunities, log, tmp_path, as_of="2026-03-31", profile=tmp_path / "ours.toml"
    )
    assert_same(fa.win_rates(book), fa.win_rates(warehouse))
    assert_same(fa.weighted_forecast(book, by="stage"), fa.weighted_forecast(warehouse, by="stage"))


NAMED = {"opportunity_id": "select", "stage": "商机阶段", "outcome": "group", "amount": "金额（元）", "created_date": "from",
         "close_date": "where", "region": 'a "b"', "currency": "end"}  # fmt: skip


def test_reserved_and_chinese_names_are_names(tmp_path: Path) -> None:
    words = {"Discover": "初步接触", "Proof": "方案验证", "Deploy": "交付实施", "Qualify": "资格", "Develop": "开发"}
    columns = "\n".join(f"{field} = ['{name}']" for field, name in NAMED.items())
    stages = "\n".join(f'"{word}" = "{key}"' for key, word in words.items())
    log_columns = "opportunity_id = ['order']\nchanged_at = ['when']\nstage = ['阶段']\noutcome = ['as']"
    (tmp_path / "ours.toml").write_text(
        f"key = 'ours'\nname = 'Ours'\n[opportunities]\nrecognise = ['select', 'where']\n[opportunities.columns]\n{columns}\n"
        f"[history]\nrecognise = ['order', 'when']\n[history.columns]\n{log_columns}\n[stages]\n{stages}\n",
        encoding="utf-8",
    )
    opportunities, log = team()
    opportunities = opportunities.replace({"stage": words}).rename(columns=NAMED)
    log = log.replace({"stage": words}).set_axis(["order", "when", "阶段", "as"], axis="columns")
    book, warehouse = as_file_and_as_table(
        opportunities, log, tmp_path, as_of="2026-03-31", profile=tmp_path / "ours.toml"
    )
    assert_same(fa.stage_conversion(book, by="region"), fa.stage_conversion(warehouse, by="region"))


def test_accounts_that_stand_twice_count_once_where_they_are_alike_and_are_refused_where_they_are_not(
    tmp_path: Path,
) -> None:
    opportunities, log = team()
    opportunities.assign(region=None, account_id="k").to_parquet(tmp_path / "opportunities.parquet")
    log.to_parquet(tmp_path / "history.parquet")
    accounts = pd.DataFrame({"account_id": ["k", "k "], "region": ["North", " North"], "note": ["old", "new"]})
    accounts.to_parquet(tmp_path / "accounts.parquet")
    table = fa.win_rates(fa.connect(tmp_path, as_of="2026-03-31"), by="region")
    assert table["region"].unique().tolist() == ["North"]
    # A file would keep the last row; a table has none.
    accounts.assign(region=["North", "South"]).to_parquet(tmp_path / "accounts.parquet")
    with pytest.raises(WarehouseError, match=r"1 ids stand in several rows of the table 'accounts'.*as 'k'"):
        fa.connect(tmp_path, as_of="2026-03-31")


def test_a_table_of_quotas_says_what_a_sheet_of_it_says(tmp_path: Path) -> None:
    quotas = pd.DataFrame(
        [
            ("Ana", "North", "2026Q1", 100.0, "EUR"),
            ("Total", None, "Q1 2026", 300.0, "eur"),
            ("全部", None, "2026Q2", 400.0, None),
            (None, "South", "soon", 50.0, None),
            ("Li", "South", "2026-02", 70.0, "USD"),
        ],
        columns=["owner", "team", "period", "quota", "currency"],
    )
    # Read as files and opened as tables, with the quotas beside them.
    for suffix, write in (("csv", "to_csv"), ("parquet", "to_parquet")):
        (tmp_path / suffix).mkdir()
        getattr(quotas, write)(tmp_path / suffix / f"quotas.{suffix}", index=False)
    book, warehouse = as_file_and_as_table(*team(), tmp_path, as_of="2026-03-31")
    assert_same(book.quotas, warehouse.quotas)
    assert warehouse.quotas["quota"].fillna(-1).tolist() == [100.0, 300.0, 400.0, -1.0]
    assert warehouse.issues[["reason", "value"]].to_numpy().tolist() == [
        ["unknown_period", "soon"],
        ["other_currency", "USD"],
    ]
    for answer in (fa.quota_pacing, fa.pipeline_coverage):
        assert_same(answer(book, period="2026Q1"), answer(warehouse, period="2026Q1"))


def test_a_seller_without_a_team_in_the_quotas_is_in_that_of_his_newest_opportunity(tmp_path: Path) -> None:
    opportunities, log = team()
    # Ana was in North until February; of her two opportunities the newer one is in South.
    opportunities = opportunities.assign(
        owner=["Ana", None, "Ana", None, "Li"], team=["North", "North", "South", None, "South"]
    )
    for suffix, write in (("csv", "to_csv"), ("parquet", "to_parquet")):
        (tmp_path / suffix).mkdir()
        quotas = pd.DataFrame({"owner": ["Ana", "Li"], "period": "2026Q1", "quota": [100.0, 70.0]})
        getattr(quotas, write)(tmp_path / suffix / f"quotas.{suffix}", index=False)
    for source in as_file_and_as_table(opportunities, log, tmp_path, as_of="2026-03-31"):
        table = fa.pipeline_coverage(source, period="2026Q1", by="team").set_index("team")["quota"]
        assert table.dropna().to_dict() == {"South": 170.0}
        # By region: Ana's opportunities lie in North and in South, so that her quota is of neither.
        table = fa.pipeline_coverage(source, period="2026Q1", by="region")
        assert table["quota"].isna().all()


def test_times_with_a_zone_are_said_to_be_cut_to_days_in_the_zone_of_the_session(tmp_path: Path) -> None:
    ibis = pytest.importorskip("ibis")
    opportunities, log = team()
    opportunities.to_parquet(tmp_path / "opportunities.parquet")
    late = log.assign(changed_at=(log["changed_at"] + pd.Timedelta(hours=20)).dt.tz_localize("UTC"))
    late.to_parquet(tmp_path / "history.parquet")
    backend = ibis.duckdb.connect()
    backend.raw_sql("set timezone = 'Asia/Shanghai'")
    for kind in ("opportunities", "history"):
        backend.raw_sql(f"create view {kind} as from '{tmp_path / kind}.parquet'")
    names = {kind: kind for kind in ("opportunities", "history")}
    warehouse = fa.connect(backend, tables=names, as_of="2026-03-31")
    # Eight in the evening in London, on 1 January, is the next day in Shanghai.
    assert warehouse.history_from == pd.Timestamp("2026-01-02")
    said = warehouse.issues.set_index("reason").loc["time_zone"]
    assert said["file"] == "history" and "session's time zone" in said["message"]
    assert "时区" in in_language(said["message"], "zh-Hans")


def test_tables_are_read_once_and_then_asked_no_more(tmp_path: Path) -> None:
    ibis = pytest.importorskip("ibis")
    book, backend = team_book(40), ibis.duckdb.connect()
    for kind in ("snapshots", "history"):
        backend.raw_sql(f"create table {kind} as from '{written(book, tmp_path) / kind}.parquet'")
    tables = {"snapshots": "snapshots", "history": "history"}
    warehouse = fa.connect(backend, tables=tables, as_of=book.as_of)
    for kind in tables:
        backend.raw_sql(f"drop table {kind}")
    assert_same(fa.stage_conversion(book), fa.stage_conversion(warehouse))
    assert_same(fa.pipeline_changes(book), fa.pipeline_changes(warehouse))
    assert warehouse.told_from("close_date") == book.told_from("close_date")
