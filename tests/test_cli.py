"""The command line: the main job, and every bad input ends in one plain message and exit code 1."""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from funnel_analytics.cli import main
from funnel_analytics.cli.lab import write_lab_settings
from funnel_analytics.languages import LANGUAGES

ROOT = Path(__file__).parents[1]
GOOD = """Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Currency,Created Date,Close Date,Owner
1,Press line,Alder,Discover,1000,EUR,2026-01-15,2026-10-30,Ana
2,Robot cell,Birch,Proof,2000,EUR,2026-02-20,2026-11-15,Ben
3,Service,Cedar,Closed Won,3000,EUR,2026-01-31,2026-08-20,Ana
4,Retrofit,Dogwood,Closed Lost,4000,EUR,2026-03-25,2026-07-31,Ben
"""


def write(folder: Path, text: str, name: str = "deals 2026-09-30.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str], *mentions: str) -> None:
    """The command ends with 1 and one message that mentions these things, without a traceback."""
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    for mention in mentions:
        assert mention.lower() in said.lower(), said


def test_review_writes_the_three_files_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(write(tmp_path, GOOD)), "-o", str(tmp_path / "out")]) == 0
    written = sorted(path.suffix for path in (tmp_path / "out").iterdir())
    assert written == [".html", ".pptx", ".xlsx"]
    said = capsys.readouterr().out
    assert str(tmp_path / "out") in said
    assert "lab" in said


def test_review_speaks_chinese_and_takes_a_period(tmp_path: Path) -> None:
    arguments = [
        "review",
        str(write(tmp_path, GOOD)),
        "-o",
        str(tmp_path / "out"),
        "--lang",
        "zh-Hans",
        "--period",
        "2026Q4",
    ]
    assert main(arguments) == 0
    deck = Presentation(str(next((tmp_path / "out").glob("*.pptx"))))
    text = " ".join(shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame)
    assert "2026Q4" in text
    assert "商机回顾" in text


def test_review_never_overwrites_without_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = write(tmp_path, GOOD)
    arguments = ["review", str(export), "-o", str(tmp_path / "out")]
    assert main(arguments) == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    refused(capsys, arguments, "--force")
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert main([*arguments, "--force"]) == 0


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("", ["empty"]),
        ("Colour,Shape\nred,round\n", ["Colour", "profile"]),
        (GOOD.replace("Proof", "Yodelling"), ["Yodelling", "stage"]),
        (GOOD.replace("2026-11-15", "soonish"), ["soonish", "date", "row"]),
        (GOOD.replace("2000,EUR", "2000,USD"), ["EUR", "USD", "rate"]),
        (
            GOOD.replace("Amount,", "")
            .replace("1000,", "")
            .replace("2000,", "")
            .replace("3000,", "")
            .replace("4000,", ""),
            ["amount"],
        ),
    ],
    ids=["empty file", "no opportunity table", "unknown stage", "unreadable date", "two currencies", "no amounts"],
)
def test_a_bad_export_ends_in_one_message_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, mentions: list[str]
) -> None:
    export = write(tmp_path, text)
    refused(capsys, ["review", str(export), "-o", str(tmp_path / "out")], *mentions)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, ["review", str(tmp_path / "nothing.xlsx"), "-o", str(tmp_path / "out")], "nothing.xlsx")


def test_unreadable_values_can_be_accepted(tmp_path: Path) -> None:
    export = write(tmp_path, GOOD.replace("2026-11-15", "soonish"))
    assert main(["review", str(export), "-o", str(tmp_path / "out"), "--accept-issues"]) == 0


def test_rates_make_two_currencies_one(tmp_path: Path) -> None:
    export = write(tmp_path, GOOD.replace("2000,EUR", "2000,USD"))
    arguments = ["review", str(export), "-o", str(tmp_path / "out"), "--currency", "EUR", "--rate", "USD=0.9"]
    assert main(arguments) == 0


def test_wrong_words_on_the_command_line_are_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = str(write(tmp_path, GOOD))
    refused(capsys, ["review", export, "-o", str(tmp_path / "out"), "--period", "Q5 soon"], "2026Q4")
    refused(capsys, ["review", export, "-o", str(tmp_path / "out"), "--lang", "klingon"], "zh-Hans")
    refused(capsys, ["review", export, "-o", str(tmp_path / "out"), "--rate", "EUR"], "EUR=1.08")
    refused(
        capsys, ["review", export, "-o", str(tmp_path / "out"), "--profile", "salesfroce_report"], "salesforce_report"
    )


def test_check_prints_the_receipt_and_its_exit_code_tells_whether_all_was_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(write(tmp_path, GOOD))]) == 0
    assert "4 rows in = 4 kept + 0 set aside" in capsys.readouterr().out
    assert main(["check", str(write(tmp_path, GOOD.replace("2026-11-15", "soonish")))]) == 1
    assert "soonish" in capsys.readouterr().out


def test_a_drafted_profile_reads_the_file_it_was_drafted_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = "Ref,Deal title,Customer firm,Phase,Deal value,Opened,Expected end,Rep\nx1,Press,Alder,Discover,1000,2026-01-15,2026-10-30,Ana\nx2,Cell,Birch,Proof,2000,2026-02-20,2026-11-15,Ben\n"
    export = write(tmp_path, odd)
    target = tmp_path / "profile.toml"
    assert main(["profile", str(export), "-o", str(target)]) == 0
    refused(capsys, ["profile", str(export), "-o", str(target)], "--force")
    for lang, guess in (("zh-Hans", "猜测"), ("zh-Hant", "猜測")):
        assert main(["profile", str(export), "-o", str(tmp_path / "own.toml"), "--force", "--lang", lang]) == 0
        said = (tmp_path / "own.toml").read_text(encoding="utf-8")
        assert guess in said
        assert tomllib.loads(said) == tomllib.loads(target.read_text(encoding="utf-8"))
    assert main(["review", str(export), "-o", str(tmp_path / "out"), "--profile", str(target)]) == 0


def test_a_chinese_draft_of_the_sample_says_what_the_english_one_does(capsys: pytest.CaptureFixture[str]) -> None:
    # A comment in Chinese that took a column's name along made a file that nobody could read.
    export = str(ROOT / "data" / "sample" / "opportunities 2026-11-20.csv")
    drafts = []
    for lang in ("en", "zh-Hans", "zh-Hant"):
        assert main(["profile", export, "--lang", lang]) == 0
        drafts.append(tomllib.loads(capsys.readouterr().out))
    assert drafts[0] == drafts[1] == drafts[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chekc"], "'chekc' 不可用"),
        (["check"], "缺少参数：EXPORTS"),
        (["check", "x.csv", "--jsn"], "没有这样的参数：--jsn"),
        (["check", "x.csv", "--rate"], "--rate 缺少值"),
        (["check", "x.csv", "--fiscal-start", "may"], "'may' 不是整数"),
    ],
)
def test_a_command_that_is_not_understood_is_explained_in_the_users_language(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--lang", "zh-Hans", *words])
    assert stop.value.code == 2
    assert said in capsys.readouterr().err


def test_a_port_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    refused(capsys, ["app", "--port", "99999", "--no-browser"], "99999", "65535")


def test_a_fault_of_the_program_is_a_sentence_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("funnel_analytics.exports.reading.read_exports", broken)
    refused(capsys, ["check", str(write(tmp_path, GOOD))], "fault in the program", "--debug")
    with pytest.raises(ZeroDivisionError):
        main(["check", str(tmp_path), "--debug"])


@pytest.mark.parametrize(
    ("lang", "usage", "review"),
    [("en", "usage:", "write the review"), ("zh-Hans", "用法：", "商机回顾"), ("zh-Hant", "用法：", "商機回顧")],
)
def test_help_speaks_the_users_language(
    lang: str, usage: str, review: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    locale = {"en": "de_DE.UTF-8", "zh-Hans": "zh_CN.UTF-8", "zh-Hant": "zh_TW.UTF-8"}[lang]
    for name in ("LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", locale)
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    said = capsys.readouterr().out
    assert stop.value.code == 0
    assert said.startswith(usage)
    assert said.count(usage) == 1
    assert review in said


def test_a_language_that_is_none_is_said_in_that_of_the_system(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["check", "exports", "--lang", "zh-Hanns"]) == 1
    assert "是否指“zh-Hans”" in capsys.readouterr().err


def test_check_lists_the_first_issues_of_a_kind_or_all_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *_ = GOOD.splitlines()
    rows = [
        f"{number},Deal {number},Alder,Discover,x{number}y,EUR,2026-01-15,2026-10-30,Ana" for number in range(1, 31)
    ]
    path = write(tmp_path, "\n".join([head, *rows]) + "\n")
    assert main(["check", str(path), "-q"]) == 1
    shown = capsys.readouterr().out
    assert "x20y" in shown and "x21y" not in shown and "… and 10 more: funnel-analytics check … --all" in shown
    assert main(["check", str(path), "-q", "--all"]) == 1
    shown = capsys.readouterr().out
    assert "x30y" in shown and " more" not in shown


@pytest.mark.parametrize("asked", [["--help"], ["review", "--help"], ["--version"]])
def test_help_comes_at_once_for_it_loads_no_library(asked: list[str]) -> None:
    code = (
        "import sys, funnel_analytics.cli as cli\n"
        f"try: cli.main({asked})\n"
        "except SystemExit: print(sorted({'numpy', 'pandas', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


@pytest.mark.parametrize(("form", "mark"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF-")])
def test_a_chart_is_a_picture_of_its_ending(form: str, mark: bytes, tmp_path: Path) -> None:
    source, target = write(tmp_path, GOOD), tmp_path / f"rates.{form}"
    assert main(["chart", "win_rates", str(source), "--by", "owner", "-o", str(target)]) == 0
    first = target.read_bytes()
    assert first.startswith(mark)
    assert main(["chart", "win_rates", str(source), "--by", "owner", "-o", str(target), "--force"]) == 0
    assert target.read_bytes() == first


def test_a_chart_that_cannot_be_drawn_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = str(write(tmp_path, GOOD)), tmp_path / "x.png"
    refused(capsys, ["chart", "win_rate", source, "-o", str(target)], "win_rate", "Did you mean 'win_rates'")
    refused(capsys, ["chart", "win_rates", source, "-o", str(tmp_path / "x.doc")], "x.doc", ".png")
    refused(capsys, ["chart", "win_rates", source, "-o", str(target), "--since", "2026-01-01"], "--since", "--by")
    target.write_bytes(b"mine")
    refused(capsys, ["chart", "win_rates", source, "-o", str(target)], "exists")
    assert target.read_bytes() == b"mine"


def test_another_program_reads_the_receipt_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path, GOOD.replace("2026-10-30", "soon"))
    assert main(["check", str(source), "--json", "--quiet"]) == 1
    said = capsys.readouterr()
    facts = json.loads(said.out)
    assert said.err == ""
    assert facts["opportunities"] == 4
    assert facts["receipt"][0]["rows_in"] == 4
    assert [issue["kind"] for issue in facts["issues"]].count("unreadable") == 1


def test_a_review_for_a_scheduler_names_its_files_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(write(tmp_path, GOOD)), "-o", str(tmp_path / "out"), "--json", "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert sorted(Path(name) for name in json.loads(said.out)["files"]) == sorted((tmp_path / "out").iterdir())


def test_every_command_that_gives_a_result_gives_it_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(write(tmp_path, GOOD))

    def said(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--json", "--quiet"]) == 0
        spoken = capsys.readouterr()
        assert spoken.err == ""
        facts: dict[str, Any] = json.loads(spoken.out)
        return facts

    picture, sheet, toml = (str(tmp_path / name) for name in ("rates.png", "ratings.xlsx", "own.toml"))
    assert said("chart", "win_rates", source, "-o", picture) == {"files": [picture]}
    assert said("ratings", "template", source, "-o", sheet) == {"files": [sheet], "accounts": 4}
    assert said("profile", source, "-o", toml) == {"files": [toml]}
    assert said("profile", source) == {"profile": tomllib.loads(Path(toml).read_text(encoding="utf-8"))}
    kept = said("archive", "add", str(tmp_path / "archive"), source)
    assert [(entry["status"], entry["as_of"], entry["rows"]) for entry in kept["added"]] == [("added", "2026-09-30", 4)]
    assert said("archive", "list", str(tmp_path / "archive"))["damages"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_scheduler_learns_of_a_broken_file_by_one_line_and_the_exit_code(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "deals 2026-09-30.xlsx"
    broken.write_bytes(b"PK\x03\x04 cut off by the download")
    for command in (["check"], ["review", "-o", str(tmp_path / "out")], ["chart", "win_rates", "-o", str(tmp_path / "x.png")]):  # fmt: skip
        assert main([*command, str(broken), "--json", "--quiet", "--lang", lang]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1 and broken.name in said.err
    assert [path.name for path in tmp_path.iterdir()] == [broken.name]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("funnel-analytics ch", {"check", "chart"}),
        ("funnel-analytics chart win", {"win_rates"}),
    ],
)
def test_the_tab_key_completes_commands_and_their_values(line: str, offered: set[str]) -> None:
    # argcomplete's own protocol: the line so far and the cursor come in variables, the answers on descriptor 8.
    protocol = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line))}
    with tempfile.NamedTemporaryFile() as answers:
        protocol["_ARGCOMPLETE_STDOUT_FILENAME"] = answers.name
        command = [sys.executable, "-m", "funnel_analytics"]
        subprocess.run(command, env=os.environ | protocol, check=False, capture_output=True)
        found = Path(answers.name).read_text(encoding="utf-8").split("\x0b")
        assert {name.strip() for name in found} == offered


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    exports = tmp_path / "opportunities 2026-03-01.csv"
    exports.write_text(
        "Opportunity ID,Account Name,Stage,Amount,Close Date\nO-1,Northwind,Develop,5,2026-03-31\n", encoding="utf-8"
    )
    gone, end = os.pipe()
    os.close(gone)  # as `| head` leaves it
    command = [sys.executable, "-m", "funnel_analytics", "check", "--quiet", str(exports)]
    done = subprocess.run(command, stdout=end, stderr=subprocess.PIPE, text=True, check=False)
    os.close(end)
    assert (done.returncode, done.stderr) == (0, "")


def test_notebooks_are_written_over_the_exports_in_the_language_and_replaced_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export, target = write(tmp_path, GOOD), tmp_path / "mine"
    asked = ["notebooks", str(export), "-o", str(target), "--notebooks", str(ROOT / "notebooks"), "--lang", "zh-Hant"]
    asked += ["--date-order", "DMY", "-q"]
    assert main(asked) == 0
    assert str(target) in capsys.readouterr().out
    names = sorted(path.name for path in target.iterdir())
    assert names == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    cells = json.loads((target / "03_funnel_health.ipynb").read_text(encoding="utf-8"))["cells"]
    assert cells[0]["source"].startswith("# 3 · 漏斗健康")
    assert 'fa.start_notebook("zh-Hant")' in cells[1]["source"]
    assert f"EXPORTS = {str(export)!r}" in cells[1]["source"]
    assert "fa.read_exports(EXPORTS, date_order='DMY')" in cells[1]["source"]
    refused(capsys, asked, "01_first_look.ipynb", "--force")
    assert main([*asked, "--force"]) == 0


def test_exports_that_cannot_be_read_are_told_before_a_notebook_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, ["notebooks", str(tmp_path / "none"), "-o", str(tmp_path / "mine"), "--notebooks", str(ROOT / "notebooks")], "none")  # fmt: skip
    assert not (tmp_path / "mine").exists()


def test_jupyterlab_asks_for_no_news_and_has_the_menus_of_the_language(tmp_path: Path) -> None:
    write_lab_settings(tmp_path, "zh-Hans")
    settings = json.loads((tmp_path / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    notification = settings["@jupyterlab/apputils-extension:notification"]
    assert (notification["fetchNews"], notification["checkForUpdates"]) == ("false", False)
    assert settings["@jupyterlab/translation-extension:plugin"] == {"locale": "zh_CN"}


def test_a_folder_without_notebooks_is_told_with_the_command_that_writes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, ["lab", str(tmp_path / "none")], "none", "funnel-analytics notebooks")
