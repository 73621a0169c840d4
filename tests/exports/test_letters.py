"""What bytes tell of texts is what the expressions tell that look at every one of them."""

import re

import pandas as pd
import pyarrow as pa
from hypothesis import given, strategies as st

from funnel_analytics.codes import all_different
from funnel_analytics.exports.values import amounts_written, parsing
from funnel_analytics.exports.values.letters import Letters
from funnel_analytics.exports.values.parsed import arrow_text

ODD = [
    "#REF!",
    "Err:502",
    "??",
    "=SUM(A1",
    "n/a",
    "—",
    "未填",
    "A &amp; B",
    "a_x000D_",
    "a\u200b",
    " a ",
    "\xa0",
    "",
    None,
]
IDS = ["1.2E+11", "12-Jan", "jan-24", "140294000000000000", "0061a", "'007", "A-1", "7.0", "", None]
TEXTS = st.lists(st.sampled_from(ODD) | st.text(max_size=4) | st.none(), max_size=6)


def column(texts: list[str | None]) -> pd.Series:
    return pd.Series(texts, dtype="str")


@given(TEXTS)
def test_a_text_that_needs_a_second_look_is_found_by_its_bytes(texts: list[str | None]) -> None:
    words = arrow_text(column(texts))
    likely = Letters.of(words).worth_a_look(parsing._LOOKED_AT_FIRST, parsing._LOOKED_AT_ODD)
    assert parsing._any_match(likely, parsing._LOOKED_AT) == parsing._any_match(words, parsing._LOOKED_AT)


@given(st.lists(st.sampled_from(IDS) | st.text("0aeE+-J", max_size=7)))
def test_an_id_that_a_spreadsheet_damaged_is_found_by_its_bytes(texts: list[str | None]) -> None:
    words = arrow_text(column(texts))
    likely = Letters.of(words).ending_in_digits(parsing._DAY_AND_MONTH)
    assert parsing._any_match(likely, parsing._MAYBE_DAMAGED) == parsing._any_match(words, parsing._MAYBE_DAMAGED)


@given(TEXTS | st.lists(st.text(" a", max_size=2), max_size=2))
def test_texts_that_need_no_trimming_are_what_trimming_gives(texts: list[str | None]) -> None:
    read, _ = parsing._trimmed(column(texts))
    trimmed = parsing._without_blanks(arrow_text(column(texts))).to_pylist()
    assert [None if pd.isna(text) else text for text in read] == trimmed


@given(
    st.lists(st.from_regex(r"-?[0-9]{1,5}(\.[0-9]{1,4})?", fullmatch=True) | st.none())
    | st.lists(st.text("1.-e", max_size=3), max_size=2)
)
def test_numbers_are_plain_where_each_is_written_so_and_none_can_be_a_thousand(texts: list[str | None]) -> None:
    held = [text for text in texts if text is not None]
    plain = all(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) for text in held)
    doubtful = any(re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", text) for text in held)
    read = amounts_written.plain_numbers(pa.array(texts, pa.large_string()))
    assert (read is not None) == (plain and not doubtful)
    if read is not None:
        assert read.to_pylist() == [None if text is None else float(text) for text in texts]


@given(st.lists(st.text("ab", min_size=9, max_size=10) | st.none()))
def test_texts_are_all_different_where_no_two_are_alike(texts: list[str | None]) -> None:
    for dtype in ("str", "category"):
        assert all_different(pd.Series(texts, dtype=dtype)) == column(texts).is_unique


def test_long_ids_of_one_length_are_told_apart() -> None:
    ids = column([f"006{number:015d}" for number in range(1000)])
    assert all_different(ids)
    assert not all_different(pd.concat([ids, ids.iloc[[500]]]))
    assert all_different(ids.iloc[10:20])


def test_a_lone_minus_at_the_end_is_no_number() -> None:
    assert amounts_written.plain_numbers(pa.array(["1", "-"], pa.large_string())) is None


def test_letters_of_a_part_of_an_array_are_its_own() -> None:
    part = Letters.of(pa.array(["x ", "ab", "cd", " y"]).slice(1, 2))
    assert bytes(part.data) == b"abcd"
    assert part.is_tidy()
