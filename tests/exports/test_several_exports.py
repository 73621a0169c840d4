"""Several exports of one team in a folder: ids written otherwise, files without a date, copies, and what is listed no more."""

import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from funnel_analytics.exports.dating import date_in_name
from funnel_analytics.exports.rows.salesforce_ids import long_id
from funnel_analytics.messages import in_language

HEADINGS = ["Opportunity ID", "Opportunity Name", "Account Name", "Opportunity Owner", "Stage", "Amount", "Close Date"]
NAMES, OWNERS = ["Alder", "Birch", "Cedar", "Dogwood"], ["Chen Wei", "Chen Wei", "Li Na", "Li Na"]
AUGUST, SEPTEMBER = "pipeline 2026-08-31.csv", "pipeline 2026-09-30.csv"
IDS = ["000101", "000102", "000103", "000104"]


def export(
    folder: Path, name: str, ids: list[str], stage: str = "Proof", *, drop: str | None = None, **columns: object
) -> Path:
    """An export of the first so many opportunities; `columns` take the place of others."""
    count = len(ids)
    values = {
        "Opportunity ID": ids, "Opportunity Name": [f"{account} press" for account in NAMES[:count]],
        "Account Name": NAMES[:count], "Opportunity Owner": OWNERS[:count], "Stage": stage,
        "Amount": [1000.0, 2000.0, 3000.0, 4000.0][:count], "Close Date": "2026-12-01",
    }  # fmt: skip
    frame = pd.DataFrame(values | {key.replace("_", " "): value for key, value in columns.items()})
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.drop(columns=[] if drop is None else [drop]).to_csv(path, index=False)
    return path


def said(book: fa.Book, reason: str) -> str:
    """The only message with a reason; it is there in Chinese too."""
    (message,) = book.issues.loc[book.issues["reason"] == reason, "message"]
    assert in_language(message, "zh-Hans") != message
    return str(message)


def ids_of(book: fa.Book) -> list[str]:
    return sorted(book.opportunities["opportunity_id"])


SHORT = [f"006Hs00001AbC{end}" for end in ("dE", "fG", "xY", "Zz")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (IDS, ["101", "102", "103", "104"]),
        (IDS, ["#000101", "#000102", "#000103", "#000104"]),
        ([f"zcrm_{text}" for text in IDS], IDS),
        (SHORT, [text.lower() for text in SHORT]),
        (["OPP-7", "OPP-8", "OPP-9", "OPP-10"], ["OPP-007", "OPP-008", "OPP-009", "OPP-010"]),
    ],
)
def test_ids_that_one_export_writes_otherwise_are_the_same(tmp_path: Path, first: list[str], second: list[str]) -> None:
    export(tmp_path, AUGUST, first)
    export(tmp_path, SEPTEMBER, second, "Closed Won")
    book = fa.read_exports(tmp_path)
    assert (len(book.opportunities), len(book.vanished), len(book.snapshots)) == (4, 0, 8)
    assert set(book.opportunities["outcome"]) == {"won"}
    assert "written otherwise" in said(book, "id_spelling")


def test_ids_that_differ_in_case_stay_two_where_one_file_has_both_or_the_names_differ(tmp_path: Path) -> None:
    export(tmp_path, AUGUST, ["006Hs00001AbCdE", "006Hs00001abcde"])
    export(tmp_path, SEPTEMBER, ["006Hs00001AbCdE", "006Hs00001abcde"], "Close")
    assert ids_of(fa.read_exports(tmp_path)) == ["006Hs00001AbCdE", "006Hs00001abcde"]
    export(tmp_path, AUGUST, ["006Hs00001AbCdE"])
    export(tmp_path, SEPTEMBER, ["006Hs00001abcde"], Opportunity_Name=["Elm"], Account_Name=["Elm"])
    book = fa.read_exports(tmp_path)
    assert (ids_of(book), len(book.vanished)) == (["006Hs00001abcde"], 1)


def test_a_change_log_finds_its_opportunities_whose_ids_lost_their_zeros(tmp_path: Path) -> None:
    export(tmp_path, SEPTEMBER, IDS)
    log = (
        "Opportunity ID,Opportunity Name,From Stage,To Stage,Last Modified\n101,Alder press,Qualify,Proof,2026-09-01\n"
    )
    # A change of another name is none of Birch's.
    (tmp_path / "history.csv").write_text(f"{log}102,Elm press,Qualify,Proof,2026-09-01\n", encoding="utf-8")
    assert set(fa.read_exports(tmp_path).history["opportunity_id"]) == {"000101", "102"}


@pytest.mark.parametrize("damaged", [None, "1.00E+17"])
def test_an_export_without_usable_ids_is_followed_by_names(tmp_path: Path, damaged: str | None) -> None:
    export(tmp_path, AUGUST, IDS)
    export(tmp_path, SEPTEMBER, [damaged or ""] * 4, "Close", drop=None if damaged else "Opportunity ID")
    book = fa.read_exports(tmp_path)
    assert (ids_of(book), len(book.vanished)) == (IDS, 0)
    assert "taken as that one" in said(book, "missing_id")
    # What the file states stays as it is read.
    assert book.records.loc[book.records["source_file"] == SEPTEMBER, "opportunity_id"].dropna().tolist() == (
        [damaged] * 4 if damaged else []
    )


def test_names_that_two_opportunities_share_lend_no_id(tmp_path: Path) -> None:
    export(tmp_path, AUGUST, IDS[:2], Opportunity_Name="Press", Account_Name="Alder")
    export(
        tmp_path, SEPTEMBER, ["", ""], drop="Opportunity ID", Opportunity_Name=["Press", "Cell"], Account_Name="Alder"
    )
    assert not set(ids_of(fa.read_exports(tmp_path))) & set(IDS)


def test_a_row_without_an_id_is_none_of_its_own_file(tmp_path: Path) -> None:
    export(tmp_path, AUGUST, IDS[:2])
    export(tmp_path, SEPTEMBER, [IDS[0], ""], Opportunity_Name="Press", Account_Name="Alder")
    export(tmp_path, AUGUST, IDS[:1], Opportunity_Name="Press", Account_Name="Alder")
    assert len(fa.read_exports(tmp_path).opportunities) == 2


def test_an_excerpt_without_ids_does_not_count_again(tmp_path: Path) -> None:
    export(tmp_path, SEPTEMBER, IDS)
    export(tmp_path, "top 2026-09-30.csv", IDS[:2], drop="Opportunity ID")
    book = fa.read_exports(tmp_path)
    assert book.opportunities["amount"].sum() == 10_000
    # The rows that state their ids are those that are kept.
    assert set(book.opportunities["source_file"]) == {SEPTEMBER}


def test_one_id_in_two_systems_is_two_opportunities_also_in_their_logs(tmp_path: Path) -> None:
    for day in ("2026-08-31", "2026-09-30"):
        export(tmp_path, f"salesforce {day}.csv", ["101", "102"])
        other = "商机编号,商机名称,客户名称,负责人,销售阶段,商机金额,预计成交日期\n102,华东项目,华东,王,Qualify,100,2026-12-01\n"
        (tmp_path / f"纷享销客 {day}.csv").write_text(other, encoding="utf-8")
    log = "商机编号,商机名称,原阶段,新阶段,变更时间\n102,华东项目,Discover,Qualify,2026-07-01\n"
    (tmp_path / "阶段变更.csv").write_text(log, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    assert book.opportunities.set_index("opportunity_id")["amount"].to_dict() == {
        "101": 1000,
        "102": 2000,
        "102 | 纷享销客": 100,
    }
    assert set(book.history["opportunity_id"]) == {"102 | 纷享销客"}
    messages = book.issues.loc[book.issues["reason"] == "shared_id", "message"]
    assert messages.str.contains("salesforce 2026-08-31.csv").all()


def two_systems(folder: Path, *, names: bool = True) -> None:
    """Salesforce's accounts 1, 2 and 3 beside those of 纷享销客, of which only 3 is the same one."""
    export(folder, "salesforce 2026-09-30.csv", IDS[:3], Account_ID=["1", "2", "3"])
    other = ["X1,华东项目,1,华东,王,Qualify,10,2026-12-01", "X2,华南项目,2,华南,王,Qualify,20,2026-12-01", "X3,雪松项目,3,CEDAR ,王,Qualify,30,2026-12-01"]  # fmt: skip
    headings = "商机编号,商机名称,客户编号,客户名称,负责人,销售阶段,商机金额,预计成交日期"
    path = folder / "纷享销客 2026-09-30.csv"
    path.write_text("\n".join([headings, *other]), encoding="utf-8")
    if not names:
        pd.read_csv(path, dtype="str").drop(columns="客户名称").to_csv(path, index=False)


def test_one_account_id_in_two_systems_is_two_accounts_unless_the_names_are_alike(tmp_path: Path) -> None:
    two_systems(tmp_path)
    (tmp_path / "accounts.csv").write_text("Account ID,Account Name,Industry\n1,Alder,Steel\n2,Birch,Food\n")
    (tmp_path / "客户.csv").write_text(
        "客户编号,客户名称,行业,上级客户\n1,华东,钢铁,\n2,华南,食品,1\n", encoding="utf-8"
    )
    rated = "Account ID,Account Name,Criterion,Rating\n1,Alder,Market growth,5\n1,华东,Market growth,1\n"
    (tmp_path / "ratings.csv").write_text(rated, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    named = book.accounts.set_index("account_id")["account_name"].to_dict()
    assert named == {"1": "Alder", "2": "Birch", "3": "CEDAR", "1 | 纷享销客": "华东", "2 | 纷享销客": "华南"}
    # Cedar is one account of both: 3,000 in one system and 30 in the other.
    sums = book.opportunities.groupby("account_id")["amount"].sum().to_dict()
    assert sums == {"1": 1000, "2": 2000, "3": 3030, "1 | 纷享销客": 10, "2 | 纷享销客": 20}
    industries = book.accounts.set_index("account_id")["industry"].dropna().to_dict()
    assert industries == {"1": "Steel", "2": "Food", "1 | 纷享销客": "钢铁", "2 | 纷享销客": "食品"}
    assert book.ratings.set_index("account_id")["rating"].to_dict() == {"1": 5, "1 | 纷享销客": 1}
    messages = book.issues.loc[book.issues["reason"] == "shared_account_id", "message"]
    assert len(messages) == 4  # opportunities, accounts, their parents, ratings
    assert messages.str.contains("stand in salesforce 2026-09-30.csv for other accounts").all()


def test_accounts_without_names_are_those_of_the_system_with_their_layout(tmp_path: Path) -> None:
    two_systems(tmp_path, names=False)
    (tmp_path / "客户.csv").write_text(
        "客户编号,客户名称,行业\n1,华东,钢铁\n2,华南,食品\n3,Cedar,纸\n", encoding="utf-8"
    )
    book = fa.read_exports(tmp_path)
    found = book.opportunities.set_index("opportunity_id")["account_name"].to_dict()
    assert (found["000101"], found["X1"]) == ("Alder", "华东")


def test_ids_that_two_systems_share_are_told_where_nothing_says_which_are_meant(tmp_path: Path) -> None:
    two_systems(tmp_path)
    # Accounts without names, laid out as neither system.
    (tmp_path / "客戶.csv").write_text("客戶編號,行業,地區\n1,鋼鐵,北\n3,造紙,南\n", encoding="utf-8")
    book = fa.read_exports(tmp_path)
    # 1 is Alder in one system and 华东 in the other; 3 is Cedar in both.
    assert book.accounts.set_index("account_id")["industry"].dropna().to_dict() == {"1": "鋼鐵", "3": "造紙"}
    doubt = book.issues[book.issues["message"].str.contains("nothing tells which are meant here")]
    assert doubt[["file", "value"]].to_numpy().tolist() == [["客戶.csv", "1"]]
    assert doubt["message"].iloc[0].startswith("1 ids of accounts")


def test_an_account_that_was_renamed_or_is_called_otherwise_in_another_table_stays_one(tmp_path: Path) -> None:
    export(tmp_path, AUGUST, IDS, Account_ID=["1", "2", "3", "4"])
    export(tmp_path, SEPTEMBER, IDS, Account_ID=["1", "2", "3", "4"], Account_Name=["Elm", "Birch Ltd", "Ash", "Oak"])
    (tmp_path / "accounts.csv").write_text(
        "Account ID,Account Name,Industry\n1,榆树,Steel\n2,桦树,Food\n", encoding="utf-8"
    )
    book = fa.read_exports(tmp_path)
    assert sorted(book.accounts["account_id"]) == ["1", "2", "3", "4"]
    messages = book.issues.loc[book.issues["reason"] == "other_account_names", "message"].tolist()
    # Elm, Ash and Oak; "Birch Ltd" is like "Birch".
    assert messages[0].startswith("3 ids of accounts have names that are not alike, as '1': 'Alder' and 'Elm'")


def test_names_that_changed_places_are_told_and_followed_by_id(tmp_path: Path) -> None:
    export(tmp_path, AUGUST, IDS)
    turned = NAMES[::-1]
    export(tmp_path, SEPTEMBER, IDS, Opportunity_Name=[f"{name} press" for name in turned], Account_Name=turned)
    book = fa.read_exports(tmp_path)
    assert ids_of(book) == IDS
    assert "'Dogwood press' here, 'Alder press' there" in said(book, "other_names")


@settings(max_examples=15, deadline=None)
@given(
    st.permutations(range(4)),
    st.integers(1, 4),
    st.sampled_from([str, lambda text: text.lstrip("0"), lambda text: f"#{text}"]),
)
def test_every_row_is_one_opportunity_whatever_the_order_and_the_spelling(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], count: int, spelled: Callable[[str], str]
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    export(folder, AUGUST, IDS)
    path = export(folder, SEPTEMBER, [spelled(text) for text in IDS])
    pd.read_csv(path, dtype="str").iloc[list(order)[:count]].to_csv(path, index=False)
    book = fa.read_exports(folder)
    assert set(ids_of(book)) | set(book.vanished["opportunity_id"]) == set(IDS)
    assert (len(book.opportunities), len(book.vanished)) == (count, 4 - count)


@pytest.mark.parametrize(
    ("ids", "stage", "names", "why"),
    [
        (IDS[:1], "Closed Won", NAMES[:1], "These are many"),
        (IDS[:3], "Proof", NAMES[:3], "It lists open ones only"),
        (IDS[:2], "Proof", NAMES[:2], "None of their owners is in it"),
        (["9", "10"], "Proof", ["E", "F"], "no opportunity in common"),
    ],
)
def test_what_the_newest_export_lists_no_more_is_told_with_the_likely_reason(
    tmp_path: Path, ids: list[str], stage: str, names: list[str], why: str
) -> None:
    export(tmp_path, AUGUST, IDS)
    export(tmp_path, SEPTEMBER, ids, stage, Opportunity_Name=names, Account_Name=names)
    book = fa.read_exports(tmp_path)
    message = said(book, "not_listed")
    assert why in message
    assert message.startswith(f"{len(book.vanished)} open")
    # On the day of the first nothing was missing.
    assert "not_listed" not in set(fa.read_exports(tmp_path, as_of="2026-09-01").issues["reason"])


def test_an_export_without_rows_takes_nothing_away_and_is_named(tmp_path: Path) -> None:
    export(tmp_path, AUGUST, IDS)
    (tmp_path / SEPTEMBER).write_text(",".join(HEADINGS) + "\n", encoding="utf-8")
    book = fa.read_exports(tmp_path)
    assert (len(book.opportunities), len(book.vanished), f"{book.as_of:%m-%d}") == (4, 0, "08-31")
    assert "no rows" in said(book, "empty_export")


def test_amounts_that_are_all_ten_thousand_times_smaller_are_asked_about(tmp_path: Path) -> None:
    export(tmp_path, AUGUST, IDS)
    export(tmp_path, SEPTEMBER, IDS, Amount=[0.1, 0.2, 0.3, 5.0])  # three of four: below the share
    assert "other_unit" not in set(fa.read_exports(tmp_path).issues["reason"])
    export(tmp_path, SEPTEMBER, IDS, Amount=[0.1, 0.2, 0.3, 0.4])
    message = said(fa.read_exports(tmp_path), "other_unit")
    assert message.startswith("Most amounts of 2026-08-31 are 10,000 times those of 2026-09-30")


def test_files_without_dates_are_asked_about(tmp_path: Path) -> None:
    for week, stage in ((36, "Qualify"), (37, "Proof")):
        export(tmp_path, f"week {week}.csv", IDS, stage, Last_Modified_Date=f"2026-09-0{week - 33}")
    book = fa.read_exports(tmp_path)
    assert "'week 36.csv', 'week 37.csv'" in said(book, "question")
    assert set(book.opportunities["stage"]) == {"Proof"}
    (tmp_path / "week 36.csv").rename(tmp_path / AUGUST)
    assert "taken as of 2026-09-04" in said(fa.read_exports(tmp_path), "question")


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2024-9-30", "2024-09-30"), ("2024.9.30", "2024-09-30"), ("20240930101500", "2024-09-30"), ("30Sep24", "2024-09-30"),
        ("2024Sep30", "2024-09-30"), ("20240901-20240930", "2024-09-30"), ("2024-09-01 to 2024-09-30", "2024-09-30"),
        ("113年9月30日", "2024-09-30"), ("2024年 9月 30日", "2024-09-30"), ("FY25Q2", "2025-06-30"), ("Q3-24", "2024-09-30"),
        ("3Q24", "2024-09-30"), ("2024H1", "2024-06-30"), ("2024上半年", "2024-06-30"), ("2024-W40", "2024-10-06"),
        ("2026-W01", "2026-01-04"), ("week 40 2024", "2024-10-06"), ("KW40-2024", "2024-10-06"), ("2024年第40周", "2024-10-06"),
        ("week 40", None), ("new 2024", None), ("top 10 Q3", None), ("240930", None), ("2024-09-31", None), ("FY2024", None),
    ],
)  # fmt: skip
def test_days_and_periods_in_names(name: str, day: str | None) -> None:
    assert date_in_name(f"pipeline {name}.csv") == (None if day is None else pd.Timestamp(day))


def test_folders_called_after_days_date_their_files_and_keep_them_apart(tmp_path: Path) -> None:
    for day, stage in (("2026-08-31", "Qualify"), ("2026-09-30", "Proof")):
        export(tmp_path, f"{day}/pipeline.csv", IDS, stage)
    folders = [tmp_path / day for day in ("2026-08-31", "2026-09-30")]
    with ZipFile(tmp_path / "weeks.zip", "w") as packed:
        for folder in folders:
            packed.write(folder / "pipeline.csv", f"{folder.name}/pipeline.csv")
    for paths, prefix in ((folders, ""), ([tmp_path / "weeks.zip"], "weeks.zip/")):
        book = fa.read_exports(paths)
        assert [f"{day:%m-%d}" for day in book.export_dates] == ["08-31", "09-30"]
        assert book.receipt["file"].tolist() == [f"{prefix}{folder.name}/pipeline.csv" for folder in folders]
        assert book.receipt["as_of_source"].tolist() == ["file_name"] * 2
    book = fa.read_exports([export(tmp_path, SEPTEMBER, IDS).parent])
    named = book.issues[book.issues["reason"] == "not_an_export"]
    assert named["file"].tolist() == ["2026-08-31", "2026-09-30"]


def test_a_copy_is_not_read_again_and_one_of_another_day_is_told(tmp_path: Path) -> None:
    path = export(tmp_path, SEPTEMBER, IDS)
    shutil.copy(path, tmp_path / "latest.csv")
    book = fa.read_exports(tmp_path)
    assert (len(book.snapshots), f"{book.as_of:%m-%d}") == (4, "09-30")
    assert "a copy, not read again" in said(book, "copy")
    (tmp_path / "latest.csv").rename(tmp_path / AUGUST)
    book = fa.read_exports(tmp_path)
    assert len(book.snapshots) == 8
    assert "of another date" in said(book, "copy")


def test_product_lines_add_up_to_their_opportunity(tmp_path: Path) -> None:
    lines = ["101,Alder press,Alder,Proof,2026-12-01,Press,600", "101,Alder press,Alder,Proof,2026-12-01,Service,400"]
    headings = "Opportunity ID,Opportunity Name,Account Name,Stage,Close Date,Product Name,Total Price"
    path = tmp_path / SEPTEMBER
    path.write_text("\n".join([headings, *lines, "102,Birch press,Birch,Proof,2026-12-01,Press,7"]), encoding="utf-8")
    book = fa.read_exports(path)
    assert book.opportunities["amount"].tolist() == [1000, 7]
    assert "added to the amount there" in said(book, "product_line")
    assert book.receipt[["rows_in", "rows_kept", "rows_set_aside"]].values.tolist() == [[3, 2, 1]]


def test_tasks_beside_opportunities_are_none(tmp_path: Path) -> None:
    export(tmp_path, SEPTEMBER, IDS)
    tasks = "Task ID,Subject,Status,Due Date,Opportunity Name,Owner\n1,Call,Open,2026-09-01,Alder press,Chen Wei\n"
    (tmp_path / "tasks.csv").write_text(tasks, encoding="utf-8")
    assert fa.read_exports(tmp_path).receipt.set_index("file")["table"]["tasks.csv"] == "ignored"


def test_changes_later_than_the_exports_are_told(tmp_path: Path) -> None:
    export(tmp_path, SEPTEMBER, IDS)
    log = (
        "Opportunity ID,From Stage,To Stage,Last Modified,Opportunity Name\n000101,Proof,Close,2026-10-05,Alder press\n"
    )
    (tmp_path / "history.csv").write_text(log, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    assert set(book.opportunities["stage"]) == {"Proof"}
    assert "of 2026-09-30: they are left out" in said(book, "later_changes")
    assert fa.read_exports(tmp_path, as_of="2026-10-31").history["changed_at"].max() == pd.Timestamp("2026-10-05")


def test_an_account_name_that_two_accounts_have_is_told(tmp_path: Path) -> None:
    export(tmp_path, SEPTEMBER, IDS)
    accounts = "Account ID,Account Name,Industry\nA1,Alder,Steel\nA9,Alder,Paper\nA2,Birch,Food\n"
    (tmp_path / "accounts.csv").write_text(accounts, encoding="utf-8")
    assert "2 accounts are called 'Alder' (A1, A9)" in said(fa.read_exports(tmp_path), "account_namesakes")


def test_long_and_short_salesforce_ids_still_are_one(tmp_path: Path) -> None:
    export(tmp_path, AUGUST, SHORT)
    export(tmp_path, SEPTEMBER, [long_id(text) for text in SHORT])
    assert ids_of(fa.read_exports(tmp_path)) == sorted(map(long_id, SHORT))
