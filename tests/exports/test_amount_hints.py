"""What the rest of a table says about its amounts: whose yen a ¥ is, and whether a column counts cents."""

from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.exports.values.money import parse_money
from funnel_analytics.exports.values.parsed import Parsed


def read(folder: Path, text: str) -> fa.Book:
    (folder / "deals 2026-09-30.csv").write_text(text, encoding="utf-8")
    return fa.read_exports(folder)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("商談名,フェーズ,金額,完了予定日\nA,Proof,¥1200,2026-12-01\nB,Proof,￥500万,2026-12-01\n", ["JPY", "JPY"]),
        ("Opportunity ID,Stage,Amount,Budget,Close Date\nA,Proof,¥12,JPY 5,2026-12-01\nB,Proof,5,,2026-12-01\n", ["JPY", "JPY"]),
        ("Opportunity ID,Account Name,Stage,Amount,Close Date\nA,サクラ,Proof,¥12,2026-12-01\nB,あさひ,Proof,CNY 5,2026-12-01\n", ["CNY", "CNY"]),
        ("Opportunity ID,Account Name,Stage,Amount,Close Date\nA,サクラ,Proof,¥12,2026-12-01\nB,あさひ,Proof,CN¥ 5,2026-12-01\n", ["CNY", "CNY"]),
        ("Opportunity ID,Account Name,Stage,Amount,Close Date\nA,サクラ,Proof,¥12,2026-12-01\nB,Acme,Proof,¥5,2026-12-01\nC,Beta,Proof,¥5,2026-12-01\n", ["CNY"] * 3),
        ("商机名称,阶段,金额,预算（日元）,预计结单日期\nA,Proof,¥12,5,2026-12-01\nB,Proof,¥5,5,2026-12-01\n", ["JPY", "JPY"]),
        ("商机名称,阶段,金额,预计结单日期\nA,Proof,¥12,2026-12-01\nB,Proof,¥5,2026-12-01\n", ["CNY", "CNY"]),
    ],
    ids=["Japanese headings", "JPY elsewhere", "Japanese names and CNY", "Japanese names and CN¥", "one Japanese name", "a budget in yen", "Chinese headings"],
)  # fmt: skip
def test_whose_yen_a_sign_is_the_rest_of_the_table_tells(tmp_path: Path, text: str, codes: list[str]) -> None:
    book = read(tmp_path, text)
    assert book.opportunities["currency"].tolist() == codes
    said = book.receipt["decisions"].iloc[0]
    assert ("'¥' read as JPY: " in said) == ("JPY" in codes) and ("it can be JPY" in said) == ("JPY" not in codes)


HEAD = "Opportunity ID,Stage,Amount,Shown,Close Date\n"


@pytest.mark.parametrize(
    ("rows", "asked", "told"),
    [
        (("A,Proof,120000,$1200.00", "B,Proof,55050,$550.50"), True, False),
        (("A,Proof,1200,120000", "B,Proof,550.5,55050"), False, True),
        (("A,Proof,1200,120000", "B,Proof,550.5,5505"), False, False),
        (("A,Proof,1200,120000", "B,Proof,1200,120000"), False, False),
    ],
    ids=["read in cents", "the other in cents", "by chance in one row", "one amount only"],
)
def test_a_column_of_cents_is_asked_about(tmp_path: Path, rows: tuple[str, ...], asked: bool, told: bool) -> None:
    book = read(tmp_path, HEAD + "".join(f"{row},2026-12-01\n" for row in rows))
    assert book.issues["message"].str.contains("'Amount' is 100 times 'Shown'").any() == asked
    assert ("Amount: 'Shown' is 100 times as much" in book.receipt["decisions"].iloc[0]) == told


def test_amounts_that_the_crm_counts_in_cents_in_some_exports_are_asked_about(tmp_path: Path) -> None:
    head, row = "id,lead_name,status_label,value,{}expected_date\n", "o{},Acme,Proof,{},{}2026-12-01\n"
    asked = read(tmp_path, head.format("") + row.format(1, 500, ""))
    assert asked.opportunities["amount"].tolist() == [500] and (asked.issues["reason"] == "question").sum() == 1
    sure = read(tmp_path, head.format("value_formatted,") + row.format(1, 500, "$5,").replace("$5,", '"$5.00",'))
    assert sure.opportunities["amount"].tolist() == [5] and not (sure.issues["reason"] == "question").any()


def money(*texts: str) -> Parsed:
    return parse_money(pd.Series(texts))


def test_a_word_that_is_a_million_here_and_a_thousand_there_is_told() -> None:
    said = "'mil' read as million; in Spanish and Portuguese it is a thousand"
    # Decimal commas are none of English.
    assert money("350 mil €", "1,2 millones €", "R$ 4,5 mi").values.tolist() == [
        350_000,
        1_200_000,
        4_500_000,
    ]
    assert said not in money("350 mil €", "1,2 millones €").decisions
    assert said in money("$5 mil").decisions and said not in money("R$ 5 mil").decisions


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (("350000.5", "(98.000)"), True),  # no machine keeps the zeros of the one only
        (("350000.500", "98.000"), False),
        (("1250.5", "98.125"), False),
        (("130,250.00 GBP", "48.000 EUR", "12,500 USD"), True),  # a currency behind them changes nothing
        (("1.5M", "2.750M"), False),
    ],
)
def test_three_decimals_that_end_in_zeros_among_others_without_are_asked_about(
    written: tuple[str, ...], asked: bool
) -> None:
    assert (money(*written).question is not None) == asked


def test_the_largest_unit_of_japan_and_korea_is_read() -> None:
    assert money("1京円", "2경원").values.tolist() == [1e16, 2e16]


def test_a_text_far_too_long_for_an_amount_is_none_at_once() -> None:
    parsed = money("亿" * 50_000, "(" * 50_000, "1万" * 30_000, "500")  # took minutes
    assert parsed.values.dropna().tolist() == [500]
    assert parsed.problems["reason"].tolist() == ["unreadable_amount"] * 3
