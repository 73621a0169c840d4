"""Messages in the reader's language: every sentence of the source has a translation, and is found again."""

import ast
import re

import pytest
from hypothesis import assume, given, strategies as st
from IPython.core.interactiveshell import InteractiveShell

import funnel_analytics as fa
from funnel_analytics.cli import main
from funnel_analytics.messages import catalogue, in_language
from messages_in_source import ROOT, templates

CHINESE = ("zh-Hans", "zh-Hant")
PUT_IN = re.compile(r"\{(\d+)(?::\w+)?\}")


def _pattern(template: str) -> re.Pattern[str]:
    """Its pieces of text in one line of the catalogue: some sentences are put together from several templates."""
    return re.compile("[^\n]*".join(map(re.escape, re.split(r"\{[^{}]*\}", template))))


@pytest.mark.parametrize("lang", CHINESE)
def test_every_sentence_of_the_source_has_a_translation(lang: str) -> None:
    keys = "\n\n".join(catalogue(lang))
    missing = [f"{place}: {text}" for text, place in templates().items() if not _pattern(text).search(keys)]
    assert not missing, "\n".join(missing)


def test_no_message_says_twice_what_would_be_accepted() -> None:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                said = ast.unparse(node)
                assert not ("Accepted:" in said and "nearest(" in said), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("lang", CHINESE)
def test_a_translation_puts_in_what_the_english_does(lang: str) -> None:
    for english, chinese in catalogue(lang).items():
        assert set(PUT_IN.findall(chinese)) <= set(PUT_IN.findall(english)), english


def test_both_chinese_catalogues_know_the_same_sentences() -> None:
    assert set(catalogue("zh-Hans")) == set(catalogue("zh-Hant"))


@pytest.mark.parametrize("lang", CHINESE)
def test_translations_are_chinese(lang: str) -> None:
    latin_only = [
        english
        for english, chinese in catalogue(lang).items()
        if not re.search("[\u4e00-\u9fff]", chinese) and re.search("[a-z]{4}", PUT_IN.sub("", english))
    ]
    assert len(latin_only) <= 12, latin_only


_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|'[^']*'|\"[^\"]*\"|\[.*?\]|\(…?[^一-鿿]*\)|[a-z_]+\([^)]*\)")
"""What somebody else wrote, and code: its punctuation is its own."""
_HALF_WIDTH = re.compile(r"[一-鿿”」）}][,;:!?]|[,;:] ?[一-鿿]|[一-鿿] ?\([一-鿿{]")


@pytest.mark.parametrize("lang", CHINESE)
def test_chinese_sentences_have_chinese_punctuation(lang: str) -> None:
    said = {english: _QUOTED.sub("", chinese) for english, chinese in catalogue(lang).items()}
    assert [text for text in said.values() if _HALF_WIDTH.search(text.replace("{0}:{1}", ""))] == []


@pytest.mark.parametrize(
    ("english", "lang", "said"),
    [
        (
            "Stage 'Closed Won' means won, but IsWon and IsClosed say open: the stage was believed.",
            "zh-Hans",
            "阶段“Closed Won”表示 已赢单，但 IsWon 和 IsClosed 为 进行中：以阶段为准。",
        ),
        (
            "Two columns mean amount: 'A' was taken, 'B' was not.",
            "zh-Hant",
            "有兩欄都表示 金額：採用了「A」，未採用「B」。",
        ),
        (
            "'FAN RUI' (1 rows) is spelled 'Fan Rui' in owners: taken as the same.",
            "zh-Hans",
            "“FAN RUI”（1 行）在人员表中写作“Fan Rui”：视为同一个。",
        ),
        ("'待定' could not be read as an amount; left empty.", "zh-Hans", "“待定”无法读作金额；留空。"),
        (
            "The archive's entry a/b is damaged: x.csv is missing; y.parquet is missing."
            " Put it back from a backup; or remove that folder and add the export again.",
            "zh-Hans",
            "存档条目 a/b 已损坏：缺少 x.csv；缺少 y.parquet。请从备份恢复；或者删除该文件夹，再重新加入导出文件。",
        ),
        (
            "'A' (1 rows) is spelled 'B' in territories: taken as the same.",
            "zh-Hans",
            "“A”（1 行）在territories表中写作“B”：视为同一个。",
        ),
    ],
)
def test_a_key_that_is_put_in_is_said_by_its_word(english: str, lang: str, said: str) -> None:
    assert in_language(english, lang) == said


@given(st.text(max_size=60))
def test_what_is_no_message_stays_as_it_is(text: str) -> None:
    assert in_language(f"§{text}§", "en") == f"§{text}§"


@given(st.text(st.characters(exclude_characters=";'", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_what_is_put_in_is_kept(name: str) -> None:
    assume(in_language(name, "zh-Hans") == name)  # what is itself a message is put into the language
    assert name.strip() in in_language(f"There is no profile file {name}. Give its path.", "zh-Hans")


def test_the_command_line_answers_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "no-such-file.csv", "--lang", "zh-Hans"]) == 1
    said = capsys.readouterr().err
    assert "没有" in said
    assert "There is no" not in said


@pytest.mark.parametrize("lang", CHINESE)
def test_a_receipt_is_in_one_language(lang: str) -> None:
    page = fa.receipt_page(fa.load_sample("zh-Hans"), lang)
    assert not re.search(r"(?<![\w<'=:/-])(read as|left empty|taken|The row) ", page)


def test_in_a_notebook_a_mistake_is_a_sentence_with_the_line_of_the_cell(capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell()
    shell.run_cell("import funnel_analytics as fa\nbook = fa.load_sample()")
    shell.run_cell("rows = 3\nfa.stage_conversion(book, by='segmnt')")
    shell.run_cell("fa.set_language('zh-Hans')\nfa.load_sample('fr')")
    english, chinese = re.split(r"(?=没有)", capsys.readouterr().out)
    assert "2: fa.stage_conversion(book, by='segmnt')" in english
    assert "Did you mean 'segment'?" in english
    assert "2: fa.load_sample('fr')" in english
    assert "可用：en, zh-Hans" in chinese
    assert "Traceback" not in english + chinese
    assert "funnel_analytics/" not in english + chinese
