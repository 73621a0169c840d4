"""Text tables that Arrow reads: part by part, with texts that repeat as categories, as the csv module reads them."""

import csv
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from funnel_analytics.exports.formats import clean_text
from funnel_analytics.exports.formats.cells import text_frame
from funnel_analytics.exports.values import parsing

CELLS = st.text(st.sampled_from('ab ",\n'), max_size=4)
ROWS = st.integers(2, 3).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few records, so that every border between two is met."""
    monkeypatch.setattr(clean_text, "_PART", 40)
    monkeypatch.setattr(clean_text, "_BLOCK", 64)


def written(rows: list[list[str]], line_end: str, quoting: int) -> str:
    file = StringIO(newline="")
    csv.writer(file, lineterminator=line_end, quoting=quoting).writerows(rows)
    return file.getvalue()


@settings(max_examples=60)
@given(rows=ROWS, line_end=st.sampled_from(["\n", "\r\n"]), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_whatever_is_read_is_what_the_csv_module_reads(rows: list[list[str]], line_end: str, quoting: int) -> None:
    text = written(rows, line_end, quoting)
    columns = clean_text.clean_columns(text.encode(), ",")
    if columns is not None:
        read = [[cell or "" for cell in row] for row in zip(*(column.to_pylist() for column in columns), strict=True)]
        assert read == [list(row) for row in csv.reader(StringIO(text, newline=""), strict=True)]


def test_line_ends_inside_quotes_are_read_across_parts() -> None:
    rows = [["id", "note"], *([str(number), "first\nsecond, third"] for number in range(30))]
    columns = clean_text.clean_columns(written(rows, "\n", csv.QUOTE_MINIMAL).encode(), ",")
    assert columns is not None
    assert columns[0].to_pylist() == [row[0] for row in rows]
    assert columns[1].to_pylist() == [row[1] for row in rows]


@pytest.mark.parametrize(
    "text", ['a,b\n1,x"y\n', 'a,b\n"1"2,x\n', 'a,b\n"1,x\n', "a,b\r\n1,x\n", "a,b\r1,x\n", "a,b\n1\n"]
)
def test_a_table_that_breaks_a_rule_is_left_to_the_reader_that_mends(text: str) -> None:
    assert clean_text.clean_columns(text.encode(), ",") is None


def test_texts_that_repeat_are_categories_and_mean_what_texts_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean_text, "_PART", 400)
    rows = [["id", "stage", "amount"], *([str(number), " Proof ", "1,200"] for number in range(40))]
    columns = clean_text.clean_columns(written(rows, "\n", csv.QUOTE_MINIMAL).encode(), ",")
    assert columns is not None
    frame = text_frame(columns)
    assert [isinstance(kind, pd.CategoricalDtype) for kind in frame.dtypes] == [False, True, True]
    body = frame.iloc[1:]
    # The heading is still among the categories: it must not count as a value.
    for parse, column in (
        (parsing.parse_text, 1),
        (parsing.parse_money, 2),
        (parsing.parse_id, 1),
        (parsing.parse_flag, 1),
    ):
        one, other = parse(body[column]), parse(body[column].astype("str"))
        pd.testing.assert_series_equal(one.values, other.values)
        pd.testing.assert_frame_equal(one.problems, other.problems)
        assert (one.decisions, one.question) == (other.decisions, other.question)


def test_a_part_ends_where_a_record_does_and_an_open_quotation_mark_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean_text, "_PART", 9)
    rules = clean_text._Rules(",", 2, quoted=True, returns=False)
    with ThreadPoolExecutor() as beside:
        parts = clean_text._parts(b'a,b\n1,"x\ny"\n2,3\n4,5\n', rules, beside)
    # Behind "x a line ends inside a field.
    assert [part.tobytes() for part in parts] == [b'a,b\n1,"x\ny"\n2,3\n', b"4,5\n"]
    assert clean_text.clean_columns(b'a,b\n1,"x\ny"\n2,"z\n3\n', ",") is None
