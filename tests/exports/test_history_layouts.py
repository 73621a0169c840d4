"""Change logs in the layouts of real reports: edits, shared names, old values; and amounts that the CRM converted."""

from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.book import Book
from funnel_analytics.errors import CurrencyError

OPPORTUNITIES = """Opportunity ID,Opportunity Name,Account Name,Opportunity Owner,Stage,Amount,Created Date,Close Date
A1,Alpha,Acme,Ana,Proof,900,2026-01-05,2026-12-01
B1,Beta,Acme,Ana,Solution,500,2026-02-01,2026-11-01
B2,Beta,Contoso,Ben,Qualify,300,2026-03-01,2026-11-15
"""
MOVES = """Opportunity Name,From Stage,To Stage,Last Modified,Amount,Close Date
Alpha,Proof,Proof,2026-04-20,900,2026-12-01
Alpha,Solution,Proof,2026-04-02,700,2026-10-01
Alpha,Discover,Solution,2026-02-10,700,2026-10-01
"""


def read(folder: Path, **files: str) -> Book:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return fa.read_exports(folder, as_of="2026-06-30", methodology="large_account")


def visits(book: Book, key: str) -> list[tuple[str, str]]:
    log = book.stage_log[book.stage_log["opportunity_id"] == key]
    return [(row.stage, f"{row.entered:%m-%d}") for row in log.itertuples()]


def changes(book: Book, key: str, *fields: str) -> list[tuple[object, ...]]:
    held = book.history[book.history["opportunity_id"] == key]
    rows = held[["changed_at", *fields]].astype("object")
    return [tuple(None if pd.isna(value) else value for value in row) for row in rows.itertuples(index=False)]


class TestFromAndToStage:
    def test_newest_first_with_an_edit_and_the_first_stage_from_the_day_of_creation(self, tmp_path: Path) -> None:
        book = read(tmp_path, opportunities=OPPORTUNITIES, moves=MOVES)
        assert visits(book, "A1") == [("Discover", "01-05"), ("Solution", "02-10"), ("Proof", "04-02")]
        last = book.history.iloc[-1]
        # The edit is a change of amount and date: it names no stage.
        assert pd.isna(last["stage"]) and last["amount"] == 900 and last["close_date"] == pd.Timestamp("2026-12-01")
        held = book.receipt.set_index("table").loc["history"]
        assert (held["rows_in"], held["rows_kept"]) == (3, 3)
        assert "1 rows keep the stage" in held["decisions"] and "no column of ids" in held["decisions"]

    @pytest.mark.parametrize(
        "moves",
        [
            """业务机会名称,从阶段,到阶段,上次修改日期,金额,结束日期
Alpha,证明价值,证明价值,2026/4/20,900,2026/12/1
Alpha,提出方案,证明价值,2026/4/2,700,2026/10/1
Alpha,发现,提出方案,2026/2/10,700,2026/10/1
""",
            """業務機會名稱,從階段,到階段,修改日期,金額,結束日期
Alpha,證明價值,證明價值,2026/4/20,900,2026/12/1
Alpha,提出方案,證明價值,2026/4/2,700,2026/10/1
Alpha,發現,提出方案,2026/2/10,700,2026/10/1
""",
        ],
        ids=["zh-Hans", "zh-Hant"],
    )
    def test_chinese_labels_say_the_same(self, tmp_path: Path, moves: str) -> None:
        chinese = read(tmp_path, opportunities=OPPORTUNITIES, moves=moves)
        english = read(tmp_path, opportunities=OPPORTUNITIES, moves=MOVES)
        pd.testing.assert_frame_equal(chinese.stage_log, english.stage_log)
        wording = ["stage_label", "source_row", "source_file"]
        pd.testing.assert_frame_equal(chinese.history.drop(columns=wording), english.history.drop(columns=wording))

    def test_changes_of_one_day_follow_each_other_as_the_report_says(self, tmp_path: Path) -> None:
        # Newest first: in one day from Discover to Proof and back to Solution.
        moves = """Opportunity Name,From Stage,To Stage,Stage Duration,Last Modified,Stage,Created Date
Alpha,Solution,Proof,1,2026-05-06,Proof,2026-01-05
Alpha,Proof,Solution,0,2026-04-02,Proof,2026-01-05
Alpha,Discover,Proof,87,2026-04-02,Proof,2026-01-05
"""
        book = read(tmp_path, opportunities=OPPORTUNITIES, moves=moves)
        assert visits(book, "A1") == [
            ("Discover", "01-05"),
            ("Proof", "04-02"),
            ("Solution", "04-02"),
            ("Proof", "05-06"),
        ]
        oldest_first = "\n".join([moves.splitlines()[0], *moves.splitlines()[:0:-1]])
        assert visits(read(tmp_path, opportunities=OPPORTUNITIES, moves=oldest_first), "A1") == visits(book, "A1")

    def test_a_name_of_several_opportunities_is_set_aside_and_reported(self, tmp_path: Path) -> None:
        book = read(
            tmp_path, opportunities=OPPORTUNITIES, moves=MOVES + "Beta,Qualify,Solution,2026-03-03,500,2026-11-01\n"
        )
        issue = book.issues[book.issues["reason"] == "name_not_unique"]
        assert issue["value"].tolist() == ["Beta"] and issue["row"].tolist() == [5]
        assert not book.history["opportunity_id"].isin(["B1", "B2"]).any()
        assert book.receipt.set_index("table").loc["history", "rows_set_aside"] == 1

    def test_the_account_tells_opportunities_of_one_name_apart(self, tmp_path: Path) -> None:
        moves = """Opportunity Name,Account Name,From Stage,To Stage,Last Modified
Beta,Acme,Qualify,Solution,2026-03-03
Beta,Contoso,Discover,Qualify,2026-04-04
"""
        book = read(tmp_path, opportunities=OPPORTUNITIES, moves=moves)
        assert visits(book, "B1") == [("Qualify", "02-01"), ("Solution", "03-03")]
        assert visits(book, "B2") == [("Discover", "03-01"), ("Qualify", "04-04")]
        assert not (book.issues["reason"] == "name_not_unique").any()

    def test_a_first_change_before_the_day_of_creation_starts_with_itself(self, tmp_path: Path) -> None:
        moves = (
            "Opportunity ID,Opportunity Name,From Stage,To Stage,Last Modified\nA1,Alpha,Discover,Proof,2025-12-24\n"
        )
        book = read(tmp_path, opportunities=OPPORTUNITIES, moves=moves)
        assert [stage for stage, _ in visits(book, "A1")] == ["Discover", "Proof"]
        assert "changed before their day of creation" in str(book.receipt["decisions"].tolist())


class TestFieldOldAndNewValue:
    LOG = """Opportunity ID,Opportunity Name,Field / Event,Old Value,New Value,Edit Date
A1,Alpha,Created.,,,05/01/2026
A1,Alpha,Amount,"EUR 700","EUR 900.50",06/04/2026
A1,Alpha,Stage,Discover,Qualify,03/02/2026
A1,Alpha,Stage,Qualify,Proof,02/04/2026
A1,Alpha,Close Date,01/10/2026,13/11/2026,06/04/2026
A1,Alpha,Is Closed Lost,false,true,01/05/2026
A1,Alpha,Legal Hold,false,true,02/05/2026
"""

    def test_old_values_hold_from_the_created_row_on(self, tmp_path: Path) -> None:
        book = read(tmp_path, opportunities=OPPORTUNITIES, log=self.LOG)
        stages = [row for row in changes(book, "A1", "stage") if row[1] is not None]
        days = [(f"{day:%m-%d}", stage) for day, stage in stages]
        assert days == [("01-05", "Discover"), ("02-03", "Qualify"), ("04-02", "Proof")]
        amounts = [(f"{day:%m-%d}", amount) for day, amount in changes(book, "A1", "amount") if amount is not None]
        assert amounts == [("01-05", 700.0), ("04-06", 900.5)]

    def test_dates_inside_the_values_are_written_as_the_file_writes_dates(self, tmp_path: Path) -> None:
        # 13/11 in a value settles the whole file: 01/10 and 06/04 are day first.
        book = read(tmp_path, opportunities=OPPORTUNITIES, log=self.LOG)
        due = [(f"{day:%m-%d}", f"{date:%m-%d}") for day, date in changes(book, "A1", "close_date") if date is not None]
        assert due == [("01-05", "10-01"), ("04-06", "11-13")]

    def test_true_and_false_are_read_as_flags(self, tmp_path: Path) -> None:
        book = read(tmp_path, opportunities=OPPORTUNITIES, log=self.LOG)
        lost = book.history[book.history["outcome"] == "lost"]
        assert [f"{day:%m-%d}" for day in lost["changed_at"]] == ["05-01"]

    def test_a_field_that_is_not_used_is_named_with_its_rows(self, tmp_path: Path) -> None:
        book = read(tmp_path, opportunities=OPPORTUNITIES, log=self.LOG)
        other = book.issues[book.issues["reason"] == "other_field"]
        assert other["value"].tolist() == ["Legal Hold"]
        held = book.receipt.set_index("table").loc["history"]
        assert (held["rows_in"], held["rows_kept"], held["rows_set_aside"]) == (7, 6, 1)

    def test_the_created_row_dates_the_beginning_where_no_column_does(self, tmp_path: Path) -> None:
        opportunities = (
            OPPORTUNITIES.replace(",Created Date", "")
            .replace(",2026-01-05", "")
            .replace(",2026-02-01", "")
            .replace(",2026-03-01", "")
        )
        assert visits(read(tmp_path, opportunities=opportunities, log=self.LOG), "A1")[0] == ("Discover", "01-05")
        without = self.LOG.replace("A1,Alpha,Created.,,,05/01/2026\n", "")
        book = read(tmp_path, opportunities=opportunities, log=without)
        # Nothing says since when: the beginning is left out, and the receipt says so.
        assert visits(book, "A1")[0] == ("Qualify", "02-03")
        assert "before their first change has no date" in str(book.receipt["decisions"].tolist())

    def test_without_a_created_row_the_opportunity_says_when_it_was_created(self, tmp_path: Path) -> None:
        book = read(tmp_path, opportunities=OPPORTUNITIES, log=self.LOG.replace("A1,Alpha,Created.,,,05/01/2026\n", ""))
        assert visits(book, "A1")[0] == ("Discover", "01-05")

    def test_chinese_labels_say_the_same(self, tmp_path: Path) -> None:
        log = """业务机会 ID,业务机会名称,字段/事件,旧值,新值,编辑日期
A1,Alpha,已创建。,,,2026/1/5
A1,Alpha,阶段,发现,机会确认,2026/2/3
A1,Alpha,阶段,机会确认,证明价值,2026/4/2
A1,Alpha,金额,700,900.5,2026/4/6
"""
        book = read(tmp_path, opportunities=OPPORTUNITIES, log=log)
        assert visits(book, "A1") == [("Discover", "01-05"), ("Qualify", "02-03"), ("Proof", "04-02")]

    def test_a_status_word_that_is_not_known_is_reported(self, tmp_path: Path) -> None:
        log = "Opportunity ID,Field,Old Value,New Value,Edit Date\nA1,Status,Open,Parked,2026-04-01\n"
        issue = read(tmp_path, opportunities=OPPORTUNITIES, log=log).issues.query("reason == 'unknown_outcome'")
        assert issue["value"].tolist() == ["Parked"]


def amounts_of(book: Book) -> list[tuple[float | None, str, float | None]]:
    rows = book.opportunities.sort_values("opportunity_id")
    columns = rows[["amount_original", "currency", "amount"]].astype("object")
    return [tuple(None if pd.isna(value) else value for value in row) for row in columns.itertuples(index=False)]


class TestConvertedAmounts:
    CONVERTED = ((100.0, "EUR", 110.0), (100.0, "USD", 100.0), (1000.0, "JPY", 7.0))

    @pytest.mark.parametrize(
        "text",
        [
            "Opportunity ID,Opportunity Name,Opportunity Owner,Stage,Amount,Amount Currency,Amount (converted),Amount (converted) Currency,Close Date\n"
            "1,a,Ana,Proof,100,EUR,110,USD,2026-12-01\n2,b,Ana,Proof,100,USD,100,USD,2026-12-01\n3,c,Ana,Proof,1000,JPY,7,USD,2026-12-01\n",
            # HubSpot does not name the company's currency: it is the one whose amounts stay as they are.
            "Record ID,Deal Name,Deal Stage,Amount,Currency,Amount in company currency,Close Date\n"
            "1,a,Proof,100,EUR,110,2026-12-01\n2,b,Proof,100,USD,100,2026-12-01\n3,c,Proof,1000,JPY,7,2026-12-01\n",
            "(Do Not Modify) Opportunity,Topic,Sales Stage,Status,Est. revenue,Currency,Est. Revenue (Base),Est. close date\n"
            '1,a,Proof,Open,"€100.00",Euro,$110.00,2026-12-01\n2,b,Proof,Open,$100.00,US Dollar,$100.00,2026-12-01\n3,c,Proof,Open,"¥1,000",Japanese Yen,$7.00,2026-12-01\n',
            "业务机会 ID,业务机会名称,业务机会所有人,阶段,金额,金额 货币,金额（已转换）,金额（已转换） 货币,结束日期\n"
            "1,a,王芳,证明价值,100,EUR,110,USD,2026/12/1\n2,b,王芳,证明价值,100,USD,100,USD,2026/12/1\n3,c,王芳,证明价值,1000,JPY,7,USD,2026/12/1\n",
        ],
        ids=["salesforce", "hubspot", "dynamics", "salesforce_zh"],
    )
    def test_the_amount_is_the_converted_one_and_the_original_is_kept(self, tmp_path: Path, text: str) -> None:
        book = read(tmp_path, opportunities=text)
        assert amounts_of(book) == list(self.CONVERTED)
        assert book.currency == "USD" and book.has_money
        assert "USD" in str(book.receipt["decisions"].iloc[0])
        assert book.receipt["unreadable"].sum() == 0

    def test_one_currency_converted_into_another_is_reported_in_the_converted(self, tmp_path: Path) -> None:
        book = read(
            tmp_path,
            opportunities="Opportunity ID,Opportunity Name,Stage,Fiscal Period,Amount,Amount Currency,Amount (converted),Amount (converted) Currency,Close Date\n1,a,Proof,Q4,100,EUR,110,USD,2026-12-01\n",
        )
        assert amounts_of(book) == [(100.0, "EUR", 110.0)] and book.currency == "USD"

    def test_a_missing_conversion_is_not_invented(self, tmp_path: Path) -> None:
        text = "Opportunity ID,Opportunity Name,Stage,Fiscal Period,Amount,Amount Currency,Amount (converted),Amount (converted) Currency,Close Date\n1,a,Proof,Q4,100,EUR,,USD,2026-12-01\n2,b,Proof,Q4,50,USD,,USD,2026-12-01\n3,c,Proof,Q4,10,EUR,11,USD,2026-12-01\n"
        book = read(tmp_path, opportunities=text)
        assert amounts_of(book) == [(100.0, "EUR", None), (50.0, "USD", 50.0), (10.0, "EUR", 11.0)]
        with pytest.raises(CurrencyError, match="EUR"):
            book.require_money()

    def test_the_callers_rates_are_stronger(self, tmp_path: Path) -> None:
        (tmp_path / "deals.csv").write_text(
            "Record ID,Deal Name,Deal Stage,Amount,Currency,Amount in company currency,Close Date\n1,a,Proof,100,EUR,110,2026-12-01\n2,b,Proof,100,USD,100,2026-12-01\n",
            encoding="utf-8",
        )
        book = fa.read_exports(
            tmp_path, as_of="2026-06-30", currency="USD", rates={"EUR": 2.0}, methodology="large_account"
        )
        assert amounts_of(book) == [(100.0, "EUR", 200.0), (100.0, "USD", 100.0)]

    def test_a_conversion_into_no_known_currency_is_a_question(self, tmp_path: Path) -> None:
        text = "Record ID,Deal Name,Deal Stage,Amount,Currency,Amount in company currency,Close Date\n1,a,Proof,100,EUR,110,2026-12-01\n2,b,Proof,1000,JPY,7,2026-12-01\n"
        book = read(tmp_path, opportunities=text)
        assert "does not say in which currency" in book.issues.query("reason == 'question'")["message"].iloc[0]
        assert book.currency is None and not book.has_money
        asked = fa.read_exports(tmp_path, as_of="2026-06-30", currency="USD", methodology="large_account")
        assert amounts_of(asked) == [(100.0, "EUR", 110.0), (1000.0, "JPY", 7.0)]

    def test_what_was_signed_is_converted_at_the_same_rate(self, tmp_path: Path) -> None:
        text = "(Do Not Modify) Opportunity,Topic,Sales Stage,Status,Est. revenue,Actual Revenue,Currency,Est. Revenue (Base),Est. close date\n1,a,Proof,Won,100,80,EUR,110,2026-05-01\n2,b,Proof,Open,100,,USD,100,2026-12-01\n"
        assert amounts_of(read(tmp_path, opportunities=text)) == [(80.0, "EUR", 88.0), (100.0, "USD", 100.0)]

    def test_history_is_converted_at_the_opportunitys_rate(self, tmp_path: Path) -> None:
        opportunities = "Opportunity ID,Opportunity Name,Opportunity Owner,Stage,Amount,Amount Currency,Amount (converted),Amount (converted) Currency,Close Date\n1,a,Ana,Proof,100,EUR,110,USD,2026-12-01\n2,b,Ana,Proof,100,USD,100,USD,2026-12-01\n"
        moves = "Opportunity ID,Opportunity Name,From Stage,To Stage,Last Modified,Amount\n1,a,Solution,Proof,2026-04-02,50\n"
        book = read(tmp_path, opportunities=opportunities, moves=moves)
        assert book.history["amount"].dropna().tolist() == pytest.approx([55.0])
