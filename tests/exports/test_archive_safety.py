"""The archive when things go wrong: interrupted, used by two, damaged, refused, named oddly."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from archives import HEADINGS, JUNE, SEPTEMBER, assert_same_book, contents, entries, statuses, write
from funnel_analytics.errors import ArgumentError, ExportError, FunnelError, OutputError
from funnel_analytics.exports.archive import durable
from funnel_analytics.exports.archive.archive import add_exports, list_archive
from funnel_analytics.exports.archive.durable import locked
from funnel_analytics.exports.archive.names import safe_name, visible


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
            from funnel_analytics.exports.archive.archive import add_exports
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
    ADD = "import sys; from funnel_analytics.exports.archive.archive import add_exports\nfor path in sys.argv[2:]: print(add_exports(sys.argv[1], path)[0].status)"

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


class OneByte:
    """Stands for Windows' `msvcrt`: another process holds the first byte for so many tries."""

    LK_NBLCK = 2

    def __init__(self, held: int) -> None:
        self.held, self.asked = held, []

    def locking(self, handle: int, mode: int, length: int) -> None:
        self.asked.append((os.lseek(handle, 0, os.SEEK_CUR), mode, length))
        if len(self.asked) <= self.held:
            raise PermissionError(13, "Permission denied")


def on_windows(patch: pytest.MonkeyPatch, held: int) -> OneByte:
    system = OneByte(held)
    patch.setattr(durable, "msvcrt", system, raising=False)
    patch.setattr(durable, "_PAUSE", 0.0)
    patch.setattr(sys, "platform", "win32")
    return system


class TestWindows:
    def test_the_lock_is_the_first_byte_and_is_waited_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        system = on_windows(monkeypatch, held=2)
        with locked(tmp_path / ".lock"):
            assert system.asked == [(0, OneByte.LK_NBLCK, 1)] * 3

    def test_who_waits_too_long_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        on_windows(monkeypatch, held=10**9)
        with pytest.raises(OutputError, match="another process"), locked(tmp_path / ".lock", patience=0.01):
            pytest.fail("two held one lock")

    def test_folders_are_not_flushed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        on_windows(monkeypatch, held=0)
        durable.flush_folder(tmp_path / "a folder that cannot be opened")


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
