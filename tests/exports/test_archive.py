"""The archive: nothing is added twice, nothing is lost or half there, and it reads like the files themselves."""

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest

import funnel_analytics as fa
from archives import HEADINGS, JUNE, SEPTEMBER, assert_same_book, contents, entries, statuses, write
from funnel_analytics.book import Book
from funnel_analytics.cli import main
from funnel_analytics.errors import ArgumentError
from funnel_analytics.exports.archive.archive import add_exports, list_archive
from funnel_analytics.messages import in_language

ROOT = Path(__file__).parents[2]
ANALYSES: tuple[Callable[[Book], pd.DataFrame], ...] = (
    fa.stage_conversion, fa.time_in_stage, fa.win_rates, fa.sales_velocity, fa.weighted_forecast, fa.pipeline_changes,
    fa.account_assessment, fa.account_segments, fa.outlook,
)  # fmt: skip


class TestAdding:
    def test_adding_a_file_twice_changes_nothing(self, tmp_path: Path, archive: Path) -> None:
        before = contents(archive)
        assert statuses(add_exports(archive, tmp_path / "deals 2026-06-30.csv")) == ["present"]
        renamed = write(tmp_path / "copies", JUNE, "copy of deals 2026-06-30.csv")
        assert statuses(add_exports(archive, renamed)) == ["present"]
        assert contents(archive) == before

    def test_a_copy_under_a_name_without_a_date_changes_nothing(self, tmp_path: Path, archive: Path) -> None:
        before = contents(archive)
        copy = write(tmp_path / "mail", JUNE, "latest.csv")
        (result,) = add_exports(archive, copy)
        assert (result.status, result.files, f"{result.as_of:%Y-%m-%d}") == ("present", ("latest.csv",), "2026-06-30")
        assert contents(archive) == before
        # Beside a new export, and where another one is taken for its date.
        write(tmp_path / "mail", SEPTEMBER, "deals 2026-09-30.csv")
        assert statuses(add_exports(archive, tmp_path / "mail")) == ["added", "present"]
        add_exports(archive, write(tmp_path, SEPTEMBER, "deals 2026-06-30.csv"))
        (result,) = add_exports(archive, copy)
        assert (result.status, result.replaced_by) == ("present", entries(archive)[1])
        # Another content still needs a date, and a date that the caller gives is believed.
        with pytest.raises(ArgumentError, match="date of new"):
            add_exports(archive, write(tmp_path, SEPTEMBER + "3,Mill,Elm,Proof,1,2026-12-01,North\n", "new.csv"))
        assert statuses(add_exports(archive, copy, as_of="2026-07-31")) == ["added"]

    def test_an_entry_keeps_the_bytes_the_hash_the_receipt_and_the_tables(self, tmp_path: Path, archive: Path) -> None:
        (name,) = entries(archive)
        entry = archive / name
        assert (entry / "originals" / "deals 2026-06-30.csv").read_bytes() == JUNE.encode()
        manifest = json.loads((entry / "manifest.json").read_text(encoding="utf-8"))
        assert (manifest["as_of"], manifest["as_of_source"]) == ("2026-06-30", "file_name")
        assert len(manifest["files"][0]["sha256"]) == 64
        assert manifest["files"][0]["tables"][0]["profile"] == "salesforce_report"
        assert pd.read_parquet(entry / "receipt.parquet")["rows_kept"].tolist() == [2]
        snapshots = pd.read_parquet(entry / "snapshots.parquet")
        assert snapshots["stage_label"].tolist() == ["Discover", "Qualify"]
        assert set(snapshots["as_of"]) == {pd.Timestamp("2026-06-30")}

    def test_an_unchanged_export_of_a_later_date_is_history(self, tmp_path: Path, archive: Path) -> None:
        results = add_exports(archive, write(tmp_path, JUNE, "deals 2026-07-31.csv"))
        assert statuses(results) == ["added"]
        assert len(fa.read_exports(archive).export_dates) == 2

    def test_a_folder_of_dated_exports_becomes_one_entry_per_date(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "exports", JUNE).parent
        write(folder, SEPTEMBER, "deals 2026-09-30.csv")
        write(folder, "Account Name,Industry,Country\nAlder,Steel,FR\n", "accounts.csv")
        write(folder, "not a table", "notes.txt")
        results = add_exports(tmp_path / "archive", folder)
        assert [(result.status, result.files) for result in results] == [
            ("added", ("deals 2026-06-30.csv",)),
            ("added", ("accounts.csv", "deals 2026-09-30.csv")),
            ("skipped", ("notes.txt",)),
        ]
        assert statuses(add_exports(tmp_path / "archive", folder)) == ["present", "present", "skipped"]
        # One more date comes: what was there stays, the file without a date goes with the newest.
        write(folder, SEPTEMBER, "deals 2026-12-31.csv")
        assert statuses(add_exports(tmp_path / "archive", folder)) == ["present", "present", "added", "skipped"]

    def test_it_reads_back_like_the_files(self, tmp_path: Path) -> None:
        files = [path for path in sorted((ROOT / "data" / "sample").iterdir()) if path.suffix in (".csv", ".xlsx")]
        add_exports(tmp_path / "archive", files)
        kept, direct = fa.read_exports(tmp_path / "archive"), fa.read_exports(files)
        assert_same_book(kept, direct)
        for analysis in ANALYSES:
            pd.testing.assert_frame_equal(analysis(kept), analysis(direct))

    def test_it_reads_back_like_the_files_where_the_reader_is_told_more(self, tmp_path: Path, archive: Path) -> None:
        files = [tmp_path / "deals 2026-06-30.csv", write(tmp_path, SEPTEMBER, "deals 2026Q3.csv")]
        add_exports(archive, files)
        for options in (
            {"as_of": "2026-07-31"},
            {"currency": "EUR", "revenue_benchmark": 5.0},
            {"methodology": "large_account"},
        ):
            assert_same_book(fa.read_exports(archive, **options), fa.read_exports(files, **options))
        # The date was settled when it was added: another fiscal year does not move it.
        assert fa.read_exports(archive, fiscal_start=4).export_dates[-1] == pd.Timestamp("2026-09-30")

    def test_chinese_exports_read_back_too(self, tmp_path: Path) -> None:
        folder = ROOT / "data" / "sample" / "zh-Hans"
        add_exports(tmp_path / "archive", folder)
        assert_same_book(fa.read_exports(tmp_path / "archive"), fa.read_exports(folder))

    def test_moves_between_two_exports_are_marked_as_seen(self, tmp_path: Path, archive: Path) -> None:
        add_exports(archive, write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv"))
        moved = fa.read_exports(archive).stage_log.set_index(["opportunity_id", "stage"]).loc[("1", "Develop")]
        assert moved["source"] == "snapshots"
        assert (moved["entered_after"], moved["entered_seen_by"]) == (
            pd.Timestamp("2026-06-30"),
            pd.Timestamp("2026-09-30"),
        )


class TestZipArchives:
    @pytest.mark.parametrize("told", [True, False], ids=["kept now", "kept before members were told apart"])
    def test_the_weeks_in_a_zip_archive_keep_their_dates(self, tmp_path: Path, told: bool) -> None:
        files = [write(tmp_path, JUNE), write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv")]
        with ZipFile(tmp_path / "weeks.zip", "w") as packed:
            for file in files:
                packed.write(file, file.name)
        add_exports(tmp_path / "archive", tmp_path / "weeks.zip")
        if not told:
            (manifest,) = (tmp_path / "archive").glob("*/manifest.json")
            kept = json.loads(manifest.read_text(encoding="utf-8"))
            assert [table.pop("member") for table in kept["files"][0]["tables"]] == [file.name for file in files]
            manifest.write_text(json.dumps(kept), encoding="utf-8")
        assert_same_book(fa.read_exports(tmp_path / "archive"), fa.read_exports(tmp_path / "weeks.zip"))
        listed, _ = list_archive(tmp_path / "archive")
        assert [f"{day:%m-%d}" for day in listed["as_of"]] == ["06-30", "09-30"]
        if told:
            assert listed["file"].tolist() == [f"weeks.zip/{file.name}" for file in files]


class TestDates:
    def test_the_report_the_file_name_and_the_caller_give_it(self, tmp_path: Path) -> None:
        report = write(tmp_path, f"Pipeline report\nAs of 2026-03-31\n\n{JUNE}", "report.csv")
        archive = tmp_path / "archive"
        add_exports(archive, report)
        add_exports(archive, write(tmp_path, JUNE))
        add_exports(archive, write(tmp_path, SEPTEMBER, "deals.csv"), as_of="2026-09-30")
        listed, _ = list_archive(archive)
        assert listed["as_of_source"].tolist() == ["report", "file_name", "caller"]
        book = fa.read_exports(archive)
        assert [f"{date:%m-%d}" for date in book.export_dates] == ["03-31", "06-30", "09-30"]
        assert book.receipt["as_of_source"].tolist() == ["report", "file_name", "caller"]

    def test_without_a_date_nothing_is_added_and_the_message_says_how(self, tmp_path: Path) -> None:
        with pytest.raises(ArgumentError, match=r"date of deals\.csv is not known.*--as-of"):
            add_exports(tmp_path / "archive", write(tmp_path, JUNE, "deals.csv"))
        assert not (tmp_path / "archive").exists()

    def test_the_caller_overrules_the_name_of_a_single_file(self, tmp_path: Path) -> None:
        add_exports(tmp_path / "archive", write(tmp_path, JUNE), as_of="2026-07-01")
        assert fa.read_exports(tmp_path / "archive").as_of == pd.Timestamp("2026-07-01")

    def test_the_caller_dates_only_what_is_undated_among_several(self, tmp_path: Path) -> None:
        files = [write(tmp_path, JUNE), write(tmp_path, SEPTEMBER, "newest.csv")]
        results = add_exports(tmp_path / "archive", files, as_of="2026-09-30")
        assert [(f"{result.as_of:%m-%d}", result.as_of_source) for result in results] == [
            ("06-30", "file_name"), ("09-30", "caller"),
        ]  # fmt: skip

    def test_files_beside_the_opportunities_need_them_or_a_date(self, tmp_path: Path, archive: Path) -> None:
        accounts = write(tmp_path, "Account Name,Industry,Country\nAlder,Steel,FR\n", "accounts.csv")
        with pytest.raises(ArgumentError, match=r"accounts\.csv is not known.*--as-of"):
            add_exports(archive, accounts)
        add_exports(archive, accounts, as_of="2026-06-30")
        (entry,) = [name for name in entries(archive) if "-0002-" in name]
        assert pd.read_parquet(archive / entry / "accounts.parquet")["industry"].tolist() == ["Steel"]
        known = fa.read_exports(archive).accounts.set_index("account_name")
        assert known.loc["Alder", "industry"] == "Steel"

    def test_dates_inside_a_table_are_the_reports_own(self, tmp_path: Path) -> None:
        book = fa.load_sample()
        path = tmp_path / "snapshots.csv"
        columns = ["as_of", "opportunity_id", "account_name", "stage", "outcome", "amount", "close_date"]
        book.snapshots[columns].to_csv(path, index=False)
        add_exports(tmp_path / "archive", path, profile="canonical")
        assert fa.read_exports(tmp_path / "archive").export_dates == book.export_dates


class TestCorrectedExport:
    CORRECTED = f"{HEADINGS}\n1,Press,Alder,Discover,1500,2026-10-30,North\n"

    def test_both_are_kept_and_the_one_added_later_is_taken(self, tmp_path: Path, archive: Path) -> None:
        (first,) = entries(archive)
        (result,) = add_exports(archive, write(tmp_path, self.CORRECTED))
        assert (result.status, result.replaced) == ("added", (first,))
        assert len(entries(archive)) == 2
        book = fa.read_exports(archive)
        # As a whole: the row that the corrected export left out is gone too.
        assert book.opportunities["amount"].tolist() == [1500.0]
        receipt = book.receipt
        assert (receipt["rows_in"] == receipt["rows_kept"] + receipt["rows_set_aside"]).all()
        assert receipt["rows_kept"].tolist() == [0, 1]
        note = book.issues[book.issues["reason"] == "replaced"].iloc[0]
        assert "added later for 2026-06-30" in note["message"]
        listed, _ = list_archive(archive)
        assert listed["replaced"].tolist() == [True, False]

    def test_adding_the_first_again_changes_nothing_and_says_what_is_taken(self, tmp_path: Path, archive: Path) -> None:
        add_exports(archive, write(tmp_path, self.CORRECTED))
        before = contents(archive)
        (result,) = add_exports(archive, write(tmp_path, JUNE))
        assert result.status == "present"
        assert result.replaced_by is not None
        assert "-0002-" in result.replaced_by
        assert contents(archive) == before

    def test_only_that_date_is_corrected(self, tmp_path: Path, archive: Path) -> None:
        add_exports(archive, write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv"))
        add_exports(archive, write(tmp_path, self.CORRECTED))
        rows = fa.read_exports(archive).snapshots
        assert rows.groupby("as_of").size().tolist() == [1, 2]

    def test_parts_of_one_export_are_added_together(self, tmp_path: Path) -> None:
        head, one, two = JUNE.splitlines()
        parts = [
            write(tmp_path, f"{head}\n{row}\n", f"{name} 2026-06-30.csv") for name, row in (("a", one), ("b", two))
        ]
        add_exports(tmp_path / "archive", parts)
        assert len(fa.read_exports(tmp_path / "archive").opportunities) == 2
        assert statuses(add_exports(tmp_path / "archive", parts[1])) == ["present"]

    def test_parts_that_are_added_apart_are_told(self, tmp_path: Path) -> None:
        head, one, two = JUNE.splitlines()
        for name, row in (("a", one), ("b", two)):
            add_exports(tmp_path / "archive", write(tmp_path, f"{head}\n{row}\n", f"{name} 2026-06-30.csv"))
        issues = fa.read_exports(tmp_path / "archive").issues
        (message,) = issues.loc[issues["reason"] == "replaced", "message"]
        assert "None of these opportunities is in it" in message
        assert "b 2026-06-30.csv" in in_language(message, "zh-Hans")

    def test_the_same_file_under_two_dates_is_told(self, tmp_path: Path, archive: Path) -> None:
        add_exports(archive, write(tmp_path, JUNE, "copy 2026-09-30.csv"))
        issues = fa.read_exports(archive).issues
        assert issues.loc[issues["reason"] == "copy", "file"].tolist() == ["copy 2026-09-30.csv"]

    def test_logs_of_one_name_that_overlap_count_once(self, tmp_path: Path, archive: Path) -> None:
        log = "Opportunity ID,Opportunity Name,From Stage,To Stage,Last Modified\n"
        first = "1,Press,Discover,Qualify,2026-06-01\n"
        for day, rows in (("2026-06-30", first), ("2026-09-30", f"{first}1,Press,Qualify,Develop,2026-09-01\n")):
            add_exports(archive, write(tmp_path / day, f"{log}{rows}", "history.csv"), as_of=day)
        add_exports(archive, write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv"))
        assert fa.read_exports(archive).history["stage"].tolist() == ["Qualify", "Develop"]

    def test_accounts_added_with_the_first_stay(self, tmp_path: Path) -> None:
        accounts = write(tmp_path, "Account Name,Industry,Country\nAlder,Steel,FR\n", "accounts.csv")
        add_exports(tmp_path / "archive", [write(tmp_path, JUNE), accounts])
        add_exports(tmp_path / "archive", write(tmp_path, self.CORRECTED))
        book = fa.read_exports(tmp_path / "archive")
        assert book.opportunities["amount"].tolist() == [1500.0]
        assert book.accounts["industry"].tolist() == ["Steel"]


class TestChangingColumns:
    def test_a_later_export_with_fewer_columns_is_one_book_with_history(self, tmp_path: Path, archive: Path) -> None:
        fewer = (
            "Opportunity ID,Account Name,Stage,Amount,Probability\n1,Alder,Develop,1000,40%\n2,Birch,Qualify,2500,20%\n"
        )
        add_exports(archive, write(tmp_path, fewer, "deals 2026-09-30.csv"))
        rows = fa.read_exports(archive).snapshots.set_index(["as_of", "opportunity_id"])
        first, second = pd.Timestamp("2026-06-30"), pd.Timestamp("2026-09-30")
        assert rows.loc[(first, "1"), "region"] == "North"
        assert pd.isna(rows.loc[(second, "1"), "close_date"])
        assert rows.loc[(second, "1"), "probability"] == 0.4

    def test_accounts_keep_what_only_an_earlier_table_tells(self, tmp_path: Path) -> None:
        archive = tmp_path / "archive"
        old = write(tmp_path, "Account Name,Industry,Country\nAlder,Steel,FR\nBirch,Paper,DE\n", "accounts.csv")
        add_exports(archive, [write(tmp_path, JUNE), old])
        new = write(tmp_path / "new", "Account Name,Country,Employees\nAlder,BE,90\nBirch,,40\n", "accounts.csv")
        add_exports(archive, [write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv"), new])
        accounts = fa.read_exports(archive).accounts.set_index("account_name")
        assert accounts["industry"].to_dict() == {"Alder": "Steel", "Birch": "Paper"}
        assert accounts.loc["Alder", "country"] == "BE"
        assert pd.isna(accounts.loc["Birch", "country"])

    def test_quotas_and_owners_come_from_the_newest_export(self, tmp_path: Path) -> None:
        archive = tmp_path / "archive"
        for date, quota, team in (("2026-06-30", 100, "Blue"), ("2026-09-30", 120, "Green")):
            opportunities = JUNE.replace("Region", "Owner").replace("North", "Ana").replace("South", "Ben")
            files = [
                write(tmp_path / date, opportunities, f"deals {date}.csv"),
                write(tmp_path / date, f"Owner,Period,Quota\nAna,2026Q4,{quota}\nBen,2026Q4,{quota}\n", "quotas.csv"),
                write(tmp_path / date, f"Owner,Manager,Team\nAna,Zoe,{team}\nBen,Zoe,{team}\n", "owners.csv"),
            ]
            add_exports(archive, files)
        book = fa.read_exports(archive)
        assert book.quotas["quota"].tolist() == [120.0, 120.0]
        assert set(book.opportunities["team"]) == {"Green"}
        assert "quotas stand in an earlier file too" in " ".join(book.issues["message"])


class TestKeptOptions:
    ODD = "Ref,Deal title,Customer firm,Phase,Deal value,Expected end\nx1,Press,Alder,Talk,1000,2026-10-30\nx2,Cell,Birch,Pay,2000,2026-11-15\n"
    STAGES = '[[stage]]\nkey = "Talk"\nprobability = 0.2\n[[stage]]\nkey = "Pay"\nprobability = 0.6\n'
    COLUMNS = (
        '[opportunities]\nrecognise = ["Ref", "Phase"]\n[opportunities.columns]\nopportunity_id = ["Ref"]\n'
        'opportunity_name = ["Deal title"]\naccount_name = ["Customer firm"]\nstage = ["Phase"]\namount = ["Deal value"]\n'
        'close_date = ["Expected end"]\n'
    )

    def test_a_profile_of_ones_own_is_kept_with_the_export(self, tmp_path: Path) -> None:
        profile = write(tmp_path, f'currency = "EUR"\n{self.STAGES}{self.COLUMNS}', "mine.toml")
        export = write(tmp_path, self.ODD)
        direct = fa.read_exports(export, profile=profile)
        add_exports(tmp_path / "archive", export, profile=profile)
        profile.unlink()
        assert_same_book(fa.read_exports(tmp_path / "archive"), direct)

    def test_so_is_a_methodology_beside_it_or_given(self, tmp_path: Path) -> None:
        write(tmp_path, self.STAGES, "method.toml")
        profile = write(tmp_path, f'methodology = "method.toml"\n{self.COLUMNS}', "mine.toml")
        export = write(tmp_path, self.ODD)
        add_exports(tmp_path / "one", export, profile=profile)
        plain = write(tmp_path, self.COLUMNS, "plain.toml")
        add_exports(tmp_path / "two", export, profile=plain, methodology=tmp_path / "method.toml")
        for path in tmp_path.glob("*.toml"):
            path.unlink()
        for name in ("one", "two"):
            assert fa.read_exports(tmp_path / name).opportunities["stage"].tolist() == ["Talk", "Pay"]

    def test_a_methodology_in_another_folder_is_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "other", self.STAGES, "method.toml")
        profile = write(tmp_path, f'methodology = "other/method.toml"\n{self.COLUMNS}', "mine.toml")
        with pytest.raises(ArgumentError, match="another folder"):
            add_exports(tmp_path / "archive", write(tmp_path, self.ODD), profile=profile)
        assert entries(tmp_path / "archive") == []

    def test_the_reader_may_say_otherwise(self, tmp_path: Path) -> None:
        ambiguous = JUNE.replace("2026-10-30", "05/06/2026").replace("2026-11-15", "07/08/2026")
        add_exports(tmp_path / "archive", write(tmp_path, ambiguous), date_order="DMY")
        days = [
            fa.read_exports(tmp_path / "archive", date_order=order).opportunities["close_date"].iloc[0]
            for order in (None, "MDY")
        ]
        assert [f"{day:%m-%d}" for day in days] == ["06-05", "05-06"]


class TestCommandLine:
    def test_add_list_check_and_review(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        archive = str(tmp_path / "archive")
        export = str(write(tmp_path, JUNE))
        assert main(["archive", "add", archive, export]) == 0
        assert "Added deals 2026-06-30.csv for 2026-06-30 (date from file name): 2 rows" in capsys.readouterr().out
        assert main(["archive", "add", archive, export]) == 0
        assert "Already there for 2026-06-30" in capsys.readouterr().out
        write(tmp_path, SEPTEMBER)
        assert main(["archive", "add", archive, export]) == 0
        assert "taken instead of 2026-06-30-0001-" in capsys.readouterr().out
        assert main(["archive", "list", archive]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 3
        for mention in ("2026-06-30", "file name", "deals 2026-06-30.csv", "salesforce_report", "2", "replaced"):
            assert mention in lines[1]
        assert "replaced" not in lines[2]
        assert main(["check", archive]) == 0
        assert main(["review", archive, "-o", str(tmp_path / "out"), "--period", "2026Q4"]) == 0

    @pytest.mark.parametrize("lang", ["zh-Hans", "zh-Hant"])
    def test_it_speaks_chinese(self, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str) -> None:
        archive = str(tmp_path / "archive")
        assert main(["archive", "add", archive, str(write(tmp_path, JUNE)), "--lang", lang]) == 0
        assert main(["archive", "list", archive, "--lang", lang]) == 0
        assert "已加入" in capsys.readouterr().out

    def test_problems_are_sentences(self, tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
        capsys.readouterr()
        for arguments, mention in (
            (["add", str(archive), str(write(tmp_path, SEPTEMBER, "deals.csv"))], "--as-of"),
            (["add", str(archive), str(tmp_path / "nothing.csv")], "nothing.csv"),
            (["add", str(archive), str(tmp_path / "deals.csv"), "--as-of", "soon"], "a date like '2026-09-30'"),
            (["list", str(tmp_path / "nowhere")], "not an archive"),
        ):
            assert main(["archive", *arguments]) == 1
            said = capsys.readouterr().err
            assert mention in said
            assert "Traceback" not in said
        (archive / entries(archive)[0] / "receipt.parquet").unlink()
        assert main(["archive", "list", str(archive)]) == 1
        assert entries(archive)[0] in capsys.readouterr().err
