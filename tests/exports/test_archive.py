"""The archive: nothing is added twice, nothing is lost or half there, and it reads like the files themselves."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.book import Book
from funnel_analytics.cli import main
from funnel_analytics.errors import ArgumentError, ExportError, FunnelError, OutputError
from funnel_analytics.exports.archive import Added, add_exports, list_archive
from funnel_analytics.exports.archive_names import safe_name, visible
from funnel_analytics.exports.durable import locked

ROOT = Path(__file__).parents[2]
HEADINGS = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Region"
JUNE = f"{HEADINGS}\n1,Press,Alder,Discover,1000,2026-10-30,North\n2,Cell,Birch,Qualify,2000,2026-11-15,South\n"
SEPTEMBER = f"{HEADINGS}\n1,Press,Alder,Develop,1000,2026-10-30,North\n2,Cell,Birch,Qualify,2500,2026-12-15,South\n"
ANALYSES: tuple[Callable[[Book], pd.DataFrame], ...] = (
    fa.stage_conversion, fa.time_in_stage, fa.win_rates, fa.sales_velocity, fa.weighted_forecast, fa.pipeline_changes,
    fa.account_assessment, fa.account_segments, fa.outlook,
)  # fmt: skip


def write(folder: Path, text: str, name: str = "deals 2026-06-30.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, without the lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def entries(archive: Path) -> list[str]:
    """Names of the folders of an archive, leftovers too."""
    return sorted(path.name for path in archive.iterdir() if path.is_dir())


def statuses(results: list[Added]) -> list[str]:
    return [result.status for result in results]


def assert_same_book(one: Book, other: Book) -> None:
    for name, frame in one.frames.items():
        frames = [frame, other.frames[name]]
        if name == "receipt":  # an archive lists files by date, a folder by name
            frames = [receipt.sort_values("file").reset_index(drop=True) for receipt in frames]
        pd.testing.assert_frame_equal(*frames)
    pd.testing.assert_frame_equal(one.stage_log, other.stage_log)
    assert (one.as_of, one.currency, one.methodology.key) == (other.as_of, other.currency, other.methodology.key)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with one export."""
    add_exports(tmp_path / "archive", write(tmp_path, JUNE))
    return tmp_path / "archive"


class TestAdding:
    def test_adding_a_file_twice_changes_nothing(self, tmp_path: Path, archive: Path) -> None:
        before = contents(archive)
        assert statuses(add_exports(archive, tmp_path / "deals 2026-06-30.csv")) == ["present"]
        renamed = write(tmp_path / "copies", JUNE, "copy of deals 2026-06-30.csv")
        assert statuses(add_exports(archive, renamed)) == ["present"]
        assert contents(archive) == before

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
            deals = JUNE.replace("Region", "Owner").replace("North", "Ana").replace("South", "Ben")
            files = [
                write(tmp_path / date, deals, f"deals {date}.csv"),
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


class PulledPlugError(RuntimeError):
    """Stands for whatever can happen in the middle."""


def interrupt(patch: pytest.MonkeyPatch, name: str, turn: int, fault: Exception) -> list[int]:
    """From the given call on, a function of `os` raises; returns the counter of calls."""
    real, calls = getattr(os, name), [0]

    def failing(*arguments: object, **options: object) -> object:
        calls[0] += 1
        if calls[0] >= turn:
            raise fault
        return real(*arguments, **options)

    patch.setattr(os, name, failing)
    return calls


class TestInterruption:
    @pytest.mark.parametrize("name", ["fsync", "replace"])
    def test_an_interrupted_adding_leaves_no_half_entry(self, tmp_path: Path, archive: Path, name: str) -> None:
        faults = [PulledPlugError("pulled"), OSError(28, "No space left on device")]
        before = contents(archive)
        book = fa.read_exports(archive)
        later = write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv")
        refused = 0
        for turn in range(1, 50):
            with pytest.MonkeyPatch.context() as patch:
                interrupt(patch, name, turn, faults[turn % 2])
                try:
                    add_exports(archive, later)
                except (PulledPlugError, OutputError):
                    refused += 1
                else:
                    break
            if contents(archive) != before:
                # Only the very last step, after the entry is whole and in its place, may fail with the entry there.
                assert len(fa.read_exports(archive).export_dates) == 2
                assert name == "fsync"
                break
            assert_same_book(fa.read_exports(archive), book)
        assert refused >= (5 if name == "fsync" else 1)
        add_exports(archive, later)
        assert len(entries(archive)) == 2
        assert len(fa.read_exports(archive).export_dates) == 2

    def test_a_full_disk_is_said_in_one_sentence(
        self, tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        interrupt(monkeypatch, "fsync", 1, OSError(28, "No space left on device"))
        with pytest.raises(OutputError, match=r"No space left on device.*has room"):
            add_exports(archive, write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv"))

    def test_the_first_adding_can_be_interrupted_too(self, tmp_path: Path) -> None:
        export, archive = write(tmp_path, JUNE), tmp_path / "archive"
        for turn in range(1, 20):
            with pytest.MonkeyPatch.context() as patch:
                interrupt(patch, "fsync", turn, PulledPlugError("pulled"))
                try:
                    add_exports(archive, export)
                except PulledPlugError:
                    continue
                break
        assert len(entries(archive)) == 1
        assert len(fa.read_exports(archive).opportunities) == 2

    @pytest.mark.parametrize("turn", [1, 4, 7])
    def test_a_killed_process_leaves_only_what_the_next_adding_clears(
        self, tmp_path: Path, archive: Path, turn: int
    ) -> None:
        before = fa.read_exports(archive)
        later = write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv")
        code = f"""
            import os, sys
            from funnel_analytics.exports.archive import add_exports
            real, calls = os.fsync, [0]
            def dying(handle):
                calls[0] += 1
                if calls[0] == {turn}:
                    os._exit(9)
                return real(handle)
            os.fsync = dying
            add_exports(sys.argv[1], sys.argv[2])
        """
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(archive), str(later)])
        assert done.returncode == 9
        assert_same_book(fa.read_exports(archive), before)
        assert list_archive(archive)[1] == []
        assert any(name.startswith(".adding-") for name in entries(archive))
        assert statuses(add_exports(archive, later)) == ["added"]
        assert not any(name.startswith(".adding-") for name in entries(archive))
        assert len(fa.read_exports(archive).export_dates) == 2

    def test_a_file_that_changes_while_it_is_read_is_not_added(
        self, tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv")
        real = Path.read_bytes
        monkeypatch.setattr(Path, "read_bytes", lambda path: real(path) + (b"x" if path == later else b""))
        with pytest.raises(ExportError, match="was changed while"):
            add_exports(archive, later)
        assert len(entries(archive)) == 1


class TestTwoAtOnce:
    ADD = "import sys; from funnel_analytics.exports.archive import add_exports\nfor path in sys.argv[2:]: print(add_exports(sys.argv[1], path)[0].status)"

    def run(self, archive: Path, *groups: list[Path]) -> list[str]:
        running = [
            subprocess.Popen(
                [sys.executable, "-c", self.ADD, str(archive), *map(str, group)], stdout=subprocess.PIPE, text=True
            )
            for group in groups
        ]
        said = [process.communicate(timeout=120)[0] for process in running]
        assert [process.returncode for process in running] == [0] * len(groups)
        return [line for text in said for line in text.split()]

    def test_both_land_and_nothing_is_lost(self, tmp_path: Path) -> None:
        days = pd.date_range("2026-01-31", periods=8, freq="ME")
        files = [
            write(tmp_path / "in", JUNE.replace("1000", f"{1000 + at}"), f"deals {day:%Y-%m-%d}.csv")
            for at, day in enumerate(days)
        ]
        archive = tmp_path / "archive"
        assert self.run(archive, files[::2], files[1::2]) == ["added"] * 8
        assert sorted(name.split("-")[3] for name in entries(archive)) == [f"{number:04d}" for number in range(1, 9)]
        assert_same_book(fa.read_exports(archive), fa.read_exports(files))

    def test_the_same_file_twice_at_once_is_added_once(self, tmp_path: Path) -> None:
        export = write(tmp_path, JUNE)
        assert sorted(self.run(tmp_path / "archive", [export], [export])) == ["added", "present"]
        assert len(entries(tmp_path / "archive")) == 1

    def test_who_waits_too_long_is_told(self, tmp_path: Path) -> None:
        with (
            locked(tmp_path / ".lock"),
            pytest.raises(OutputError, match="another process"),
            locked(tmp_path / ".lock", patience=0.1),
        ):
            pytest.fail("two held one lock")
        with locked(tmp_path / ".lock", patience=0.1):
            pass


class TestDamage:
    @pytest.mark.parametrize(
        ("file", "mention"),
        [
            ("originals/deals 2026-09-30.csv", "originals/deals 2026-09-30.csv is not what was written"),
            ("snapshots.parquet", "snapshots.parquet is not what was written"),
            ("manifest.json", "manifest.json cannot be read"),
        ],
    )
    def test_the_damaged_entry_is_named(self, tmp_path: Path, archive: Path, file: str, mention: str) -> None:
        add_exports(archive, write(tmp_path, SEPTEMBER, "deals 2026-09-30.csv"))
        name = entries(archive)[1]
        path = archive / name / file
        path.write_bytes(path.read_bytes()[:-5])
        with pytest.raises(ExportError, match=name) as problem:
            fa.read_exports(archive)
        assert mention in str(problem.value)
        _, damages = list_archive(archive)
        assert len(damages) == 1
        assert name in damages[0]

    @pytest.mark.parametrize("file", ["originals/deals 2026-06-30.csv", "receipt.parquet", "manifest.json"])
    def test_a_missing_file_is_named(self, archive: Path, file: str) -> None:
        (archive / entries(archive)[0] / file).unlink()
        with pytest.raises(ExportError, match=f"{entries(archive)[0]}.*{Path(file).name}"):
            fa.read_exports(archive)

    def test_a_manifest_does_not_lead_out_of_its_folder(self, tmp_path: Path, archive: Path) -> None:
        manifest = archive / entries(archive)[0] / "manifest.json"
        for elsewhere in ("../../secret.csv", str(tmp_path / "secret.csv")):
            data = json.loads(manifest.read_text(encoding="utf-8"))
            data["files"][0]["kept_as"] = elsewhere
            manifest.write_text(json.dumps(data), encoding="utf-8")
            with pytest.raises(ExportError, match=r"manifest\.json cannot be read"):
                fa.read_exports(archive)

    def test_a_table_that_nobody_recognised_then_gets_the_date_of_its_entry(self, archive: Path) -> None:
        manifest = archive / entries(archive)[0] / "manifest.json"
        data = json.loads(manifest.read_text(encoding="utf-8"))
        data["as_of"], data["files"][0]["tables"] = "2026-07-15", []
        data["files"][0]["kept_as"] = data["files"][0]["kept_as"].replace(" 2026-06-30", "")
        data["contents"] = {"originals/deals.csv": data["files"][0]["sha256"]}
        inside = manifest.parent / "originals"
        (inside / "deals 2026-06-30.csv").rename(inside / "deals.csv")
        manifest.write_text(json.dumps(data), encoding="utf-8")
        assert fa.read_exports(archive).as_of == pd.Timestamp("2026-07-15")

    def test_an_original_that_no_hash_covers_is_not_read(self, archive: Path) -> None:
        manifest = archive / entries(archive)[0] / "manifest.json"
        data = json.loads(manifest.read_text(encoding="utf-8"))
        del data["contents"]["originals/deals 2026-06-30.csv"]
        manifest.write_text(json.dumps(data), encoding="utf-8")
        with pytest.raises(ExportError, match="not among its contents"):
            fa.read_exports(archive)

    def test_the_archives_own_mark(self, archive: Path) -> None:
        (archive / "archive.json").write_text('{"funnel_analytics_archive": 99}')
        with pytest.raises(ExportError, match="another version"):
            fa.read_exports(archive)
        (archive / "archive.json").write_text("{")
        with pytest.raises(ExportError, match=r"archive\.json cannot be read"):
            fa.read_exports(archive)


class TestRefusals:
    def test_a_folder_of_exports_is_not_taken_for_an_archive(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "exports", JUNE).parent
        before = contents(folder)
        with pytest.raises(OutputError, match="holds other files"):
            add_exports(folder, folder / "deals 2026-06-30.csv")
        assert contents(folder) == before
        with pytest.raises(OutputError, match="is a file"):
            add_exports(folder / "deals 2026-06-30.csv", folder)

    def test_an_archive_is_not_added_to_itself(self, archive: Path) -> None:
        with pytest.raises(ArgumentError, match="itself an archive"):
            add_exports(archive, archive)

    @pytest.mark.parametrize(
        ("text", "mention"),
        [("", "empty"), ("Colour,Shape\nred,round\n", "Colour"), (f"{HEADINGS}\n", "no rows"),
         (JUNE.replace("Discover", "Yodel").replace("Qualify", "Hum"), "Yodel")],
    )  # fmt: skip
    def test_what_cannot_be_read_is_not_added(self, tmp_path: Path, text: str, mention: str) -> None:
        with pytest.raises(FunnelError, match=mention):
            add_exports(tmp_path / "archive", write(tmp_path, text))
        assert not (tmp_path / "archive").exists()

    def test_an_empty_archive_says_so(self, tmp_path: Path, archive: Path) -> None:
        entry = archive / entries(archive)[0]
        entry.rename(tmp_path / "elsewhere")
        with pytest.raises(ExportError, match=r"holds no export yet.*archive add"):
            fa.read_exports(archive)


class TestNames:
    @pytest.mark.skipif(sys.platform == "win32", reason="Windows does not allow such names")
    @pytest.mark.parametrize(
        "name",
        [b"=HYPERLINK(x) 2026-06-30.csv", b"deals\n2026-06-30.csv", b"..2026-06-30.csv", b"CON.2026-06-30.csv",
         b"\xff\xfe 2026-06-30.csv", "\u202egnp 2026-06-30.csv".encode(), "商机：2026-06-30？.csv".encode(),
         b"a\\..\\b 2026-06-30.csv", b"x" * 230 + b" 2026-06-30.csv", b"-rf 2026-06-30.csv", b"2026-06-30.csv "],
    )  # fmt: skip
    def test_hostile_names_are_kept_shown_and_read(self, tmp_path: Path, name: bytes) -> None:
        path = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - a name that is no text
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(JUNE.encode())
        archive = tmp_path / "archive"
        add_exports(archive, os.fsdecode(path), as_of="2026-06-30")
        inside = [found.name for found in (archive / entries(archive)[0] / "originals").iterdir()]
        assert len(inside) == 1
        assert inside[0].isprintable()
        assert not set(inside[0]) & set('\\/:*?"<>|')
        shown = list_archive(archive)[0]["file"].iloc[0]
        assert shown.isprintable()
        book = fa.read_exports(archive)
        assert book.receipt["file"].tolist() == [shown]
        assert book.as_of == pd.Timestamp("2026-06-30")

    def test_two_files_of_one_name_are_both_kept(self, tmp_path: Path) -> None:
        head, one, two = JUNE.splitlines()
        files = [write(tmp_path / part, f"{head}\n{row}\n") for part, row in (("north", one), ("south", two))]
        add_exports(tmp_path / "archive", files)
        assert len(fa.read_exports(tmp_path / "archive").opportunities) == 2

    def test_names_that_some_system_refuses_are_changed(self) -> None:
        taken: set[str] = set()
        assert [safe_name(name, taken) for name in ("a.csv", "A.csv", "nul.csv", "..", "x.csv.gz", ".csv")] == [
            "a.csv", "A-2.csv", "_nul.csv", "file", "x.csv.gz", "csv",
        ]  # fmt: skip
        assert visible("商机 A.csv") == "商机 A.csv"


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
            (["add", str(archive), str(write(tmp_path, JUNE, "deals.csv"))], "--as-of"),
            (["add", str(archive), str(tmp_path / "nothing.csv")], "nothing.csv"),
            (["add", str(archive), str(tmp_path / "deals.csv"), "--as-of", "soon"], "year-month-day"),
            (["list", str(tmp_path / "nowhere")], "not an archive"),
        ):
            assert main(["archive", *arguments]) == 1
            said = capsys.readouterr().err
            assert mention in said
            assert "Traceback" not in said
        (archive / entries(archive)[0] / "receipt.parquet").unlink()
        assert main(["archive", "list", str(archive)]) == 1
        assert entries(archive)[0] in capsys.readouterr().err
