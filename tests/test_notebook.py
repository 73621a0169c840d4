"""A notebook speaks its language, tables in it are words, and a problem in a cell is a sentence."""

import logging
from collections.abc import Iterator
from html import unescape

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output

import funnel_analytics as fa
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.words import label, word


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """What runs the cells of a notebook, in this process."""
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def ran(shell: InteractiveShell, cell: str) -> tuple[bool, str, list[RichOutput]]:
    """Whether a cell succeeded, what it printed and what it showed."""
    with capture_output() as shown:
        result = shell.run_cell(cell)
    return result.success, shown.stdout + shown.stderr, shown.outputs


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_missing_file_is_a_sentence_in_the_language_and_no_traceback(shell: InteractiveShell, lang: str) -> None:
    assert ran(shell, f"import funnel_analytics as fa\nfa.start_notebook({lang!r})") == (True, "", [])
    done, printed, (shown,) = ran(shell, "book = fa.read_exports('no such folder')")
    said = str(shown.data["text/html"])
    assert (done, printed) == (False, "")
    assert said.startswith("<p role='alert'>") and "no such folder" in said
    assert ("There is no" in said) == (lang == "en")


def test_an_unexpected_fault_in_a_cell_is_a_sentence_with_details_to_unfold_and_the_log_keeps_the_trace(
    shell: InteractiveShell, caplog: pytest.LogCaptureFixture
) -> None:
    ran(shell, "import funnel_analytics as fa\nfa.start_notebook('zh-Hant')")
    with caplog.at_level(logging.ERROR):
        done, printed, (shown,) = ran(shell, "{}['<b>nobody</b>']")
    said = str(shown.data["text/html"])
    assert (done, printed) == (False, "")
    before, _, details = said.partition("<details>")
    assert word("dashboards.fault", "zh-Hant") in before and "KeyError" not in before
    assert "KeyError" in details and "<b>nobody</b>" in unescape(details) and "<b>nobody</b>" not in details
    assert "KeyError" in caplog.text


def test_a_trace_is_not_printed_where_nobody_keeps_a_log() -> None:
    from funnel_analytics import notebook

    # Without a handler of its own or of a parent Python prints to the standard error.
    assert any(isinstance(handler, logging.NullHandler) for handler in notebook.log.handlers)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_table_has_headings_keys_and_numbers_in_words_and_columns_of_ones_own_stay(lang: str) -> None:
    rows = pd.DataFrame(
        {
            "stage": ["Proof", None],
            "opportunities": [1200, 1],
            "amount": [-3_300_000.0, float("nan")],
            "close_date": pd.to_datetime(["2026-11-24", None]),
            "mine": ["<b>$x$</b>", "open"],
            "ratio": [0.5, 2.0],
        }
    )
    page = fa.table_page(rows, lang)
    for heading in ("stage", "opportunities", "amount", "close_date"):
        assert f">{word(f'tables.{heading}', lang)}</th>" in page
    assert ">mine</th>" in page and ">ratio</th>" in page
    for shown in (label("Proof", lang), "1,200", "-3,300,000", "&lt;b&gt;$x$&lt;/b&gt;", "0.5", "–"):
        assert f">{shown}</td>" in page
    # A word of one's own is no key.
    assert ">open</td>" in page
    assert ("2026-11-24" in page) == (lang == "en")


def test_a_long_table_says_how_many_rows_are_not_shown_and_an_empty_one_that_it_has_none() -> None:
    rows = pd.DataFrame({"stage": ["Proof"] * 203})
    assert fa.table_page(rows).count("<tr>") == 1 + 200
    assert word("receipt.more_rows", count="3") in fa.table_page(rows)
    assert word("receipt.no_rows") in fa.table_page(rows.head(0))
