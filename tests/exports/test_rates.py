"""Exchange rates from a file, and what a book of several currencies says without them."""

from pathlib import Path

import pytest

import funnel_analytics as fa
from funnel_analytics.book_facts import facts_of
from funnel_analytics.cli import main
from funnel_analytics.errors import ArgumentError, CurrencyError, ExportError
from funnel_analytics.exports.rates import load_rates
from funnel_analytics.messages import in_language

OPPORTUNITIES = (
    "Opportunity ID,Account Name,Stage,Amount,Currency,Close Date\n"
    "1,A,Proof,100,EUR,2026-12-01\n2,B,Proof,10,USD,2026-12-01\n3,C,Proof,1000,CNY,2026-12-01\n"
)


def written(folder: Path, text: str, name: str = "rates.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "Currency,Rate\nEUR,8\nUSD,7\nCNY,1\n",
        "currency code;exchange rate\neur;8,0\nusd;7,0\ncny;1,0\n",
        "币种,汇率\n欧元,8\n美元,7\n人民币,1\n",
    ],
)
def test_a_file_of_rates_converts_and_keeps_what_was_read(tmp_path: Path, text: str) -> None:
    opportunities, rates = written(tmp_path, OPPORTUNITIES, "deals 2026-09-30.csv"), written(tmp_path, text)
    book = fa.read_exports(opportunities, currency="CNY", rates=rates)
    rows = book.opportunities.set_index("opportunity_id")
    # 100 × 8, 10 × 7, 1000 × 1
    assert rows["amount"].to_dict() == {"1": 800.0, "2": 70.0, "3": 1000.0}
    assert rows["amount_original"].to_dict() == {"1": 100.0, "2": 10.0, "3": 1000.0}
    assert rows["currency"].to_dict() == {"1": "EUR", "2": "USD", "3": "CNY"}
    assert fa.weighted_forecast(book, by="quarter")["amount"].sum() == 1870.0


def test_rates_that_lead_to_another_currency_are_refused(tmp_path: Path) -> None:
    opportunities = written(tmp_path, OPPORTUNITIES, "deals 2026-09-30.csv")
    with pytest.raises(ArgumentError, match=r"one USD is worth 7, .*another currency than USD"):
        fa.read_exports(opportunities, currency="USD", rates={"EUR": 8, "USD": 7, "CNY": 1})


def test_without_rates_reading_succeeds_and_sums_name_what_lacks_one(tmp_path: Path) -> None:
    book = fa.read_exports(written(tmp_path, OPPORTUNITIES, "deals 2026-09-30.csv"))
    assert len(book.opportunities) == 3
    for analysis in (fa.weighted_forecast, fa.pipeline_changes, fa.outlook):
        with pytest.raises(CurrencyError, match=r"CNY 1,000 .*EUR 100 .*USD 10"):
            analysis(book)
    part = fa.read_exports(tmp_path / "deals 2026-09-30.csv", currency="EUR", rates={"USD": 0.9})
    assert "no rate is known for CNY" in part.receipt["decisions"].iloc[0]
    with pytest.raises(CurrencyError, match="CNY 1,000") as caught:
        fa.weighted_forecast(part)
    assert "USD" not in str(caught.value).split(":")[1].split(".")[0]
    assert "cannot be given in EUR" in str(caught.value) and "--currency EUR --rate CNY=…" in str(caught.value)
    assert dict(facts_of(part, "zh-Hans"))["币种"] == "EUR（缺少汇率，金额无法相加）"
    blank = written(tmp_path, OPPORTUNITIES.replace("1000,CNY", "1000,"), "blank 2026-09-30.csv")
    unstated = fa.read_exports(blank, currency="EUR", rates={"USD": 0.9})
    with pytest.raises(CurrencyError, match="no currency is stated for"):
        unstated.require_money()


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("Name,Value\nEUR,8\n", ExportError, "column of currencies"),
        ("Currency,Rate\nEUR,8\nZZ,7\n", ArgumentError, "row 3"),
        ("Currency,Rate\nEUR,a lot\n", ArgumentError, "row 2"),
        ("Currency,Rate\nEUR,8\nEUR,9\n", ArgumentError, "two rates for EUR"),
        ("Currency,Rate\nEUR,-8\n", ArgumentError, "not positive"),
    ],
)
def test_a_file_that_is_not_understood_says_where(tmp_path: Path, text: str, error: type[Exception], said: str) -> None:
    opportunities = written(tmp_path, OPPORTUNITIES, "deals 2026-09-30.csv")
    with pytest.raises(error, match=said):
        fa.read_exports(opportunities, currency="CNY", rates=written(tmp_path, text))
    with pytest.raises(ExportError, match="does not exist"):
        load_rates(tmp_path / "none.csv")


def test_the_command_line_takes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opportunities, rates = (
        written(tmp_path, OPPORTUNITIES, "deals 2026-09-30.csv"),
        written(tmp_path, "币种,汇率\nEUR,8\nUSD,7\nCNY,1\n"),
    )
    assert main(["check", str(opportunities), "--currency", "CNY", "--rate", str(rates)]) == 0
    assert "CNY" in capsys.readouterr().out


def test_a_blank_currency_read_as_that_of_all_others_is_said(tmp_path: Path) -> None:
    blank = OPPORTUNITIES.replace("10,USD", "10,").replace("1000,CNY", "1000,")
    book = fa.read_exports(written(tmp_path, blank, "deals.csv"), as_of="2026-09-30")
    assert book.opportunities["currency"].eq("EUR").all() and book.receipt["repaired"].sum() == 2
    said = "The currency is blank in 2 rows with an amount: read as EUR, the only one stated."
    assert book.issues["message"].tolist().count(said) == 1


def test_rates_that_lead_the_other_way_are_told_where_the_export_has_converted_itself(tmp_path: Path) -> None:
    headings = "Opportunity ID,Opportunity Name,Stage,Close Date,Amount Currency,Amount,Amount (converted) Currency,Amount (converted)"
    rows = [
        "1,A,Proof,2026-12-01,EUR,100,CNY,780",
        "2,B,Proof,2026-12-01,EUR,10,CNY,79",
        "3,C,Proof,2026-12-01,CNY,5,CNY,5",
    ]
    opportunities = written(tmp_path, "\n".join([headings, *rows]), "deals 2026-09-30.csv")
    book = fa.read_exports(opportunities, currency="CNY", rates={"EUR": 0.128})
    (message,) = book.issues.loc[book.issues["reason"] == "other_rate", "message"]
    # 780 / 100 and 79 / 10: the middle is 7.85.
    assert "one EUR is worth 0.128 CNY, by the export's own converted amounts 7.85" in message
    assert "反" in in_language(message, "zh-Hans")
    assert "other_rate" not in set(fa.read_exports(opportunities, currency="CNY", rates={"EUR": 8.4}).issues["reason"])
