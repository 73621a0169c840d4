"""Ratings as people keep them: long or wide, three languages, numbers, words and signs; nothing is dropped silently."""

from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.methodology import load_methodology

OPPORTUNITIES = "Opportunity ID,Account Name,Stage,Amount,Close Date\n1,Acme,Proof,500,2026-12-01\n2,Birch Foods,Close,900,2026-12-01\n"
TEN = load_methodology().criteria


def read(
    folder: Path, ratings: str, name: str = "ratings.csv", opportunities: str = OPPORTUNITIES, **options: object
) -> fa.Book:
    (folder / "pipeline 2026-09-30.csv").write_text(opportunities, encoding="utf-8")
    (folder / name).write_text(ratings, encoding="utf-8")
    return fa.read_exports(folder, **options)  # type: ignore[arg-type]  # options of read_exports


def rated(book: fa.Book) -> dict[tuple[str, str], float]:
    table = fa.account_assessment(book).dropna(subset=["rating"])
    return {(row.account_name, row.criterion): row.rating for row in table.itertuples()}


def messages(book: fa.Book, reason: str) -> list[str]:
    return book.issues.loc[book.issues["reason"] == reason, "message"].tolist()


@pytest.mark.parametrize(
    "sheet",
    [
        "Account,Criterion,Rating,Rated on,Rated by\nAcme,Sponsorship,4,2026-09-01,Li\nAcme,Track record,2,2026-09-01,Li\n",
        "客户名称,评估标准,评分,评估日期,评估人\nAcme,支持者,4,2026-09-01,Li\nAcme,历史记录,2,2026-09-01,Li\n",
        "客戶名稱,評估標準,評分,評估日期,評估人\nAcme,支持者,4,2026-09-01,Li\nAcme,歷史紀錄,2,2026-09-01,Li\n",
        "Account,Rated on,Rated by,Sponsorship,Track record,Culture\nAcme,2026-09-01,Li,4,2,\n",
        "客户名称,评估日期,评估人,支持者,历史记录,文化兼容性\nAcme,2026-09-01,Li,4,2,\n",
        "客戶名稱,評估日期,評估人,支持者,歷史紀錄,文化相容性\nAcme,2026-09-01,Li,4,2,\n",
        "Account 客户名称,Rated on 评估日期,Rated by 评估人,Sponsorship 支持者,Track record 历史记录,Cultural compatibility 文化兼容性\nAcme,2026-09-01,Li,4,2,\n",
        "客戶名稱 Account,評估日期 Rated on,評估人 Rated by,支持者 Sponsorship,歷史紀錄 Track record,文化相容性 Cultural compatibility\nAcme,2026-09-01,Li,4,2,\n",
        "account_name,criterion,rating,rated_on,rated_by\nAcme,sponsorship,4,2026-09-01,Li\nAcme,track_record,2,2026-09-01,Li\n",
    ],
)  # fmt: skip
def test_long_and_wide_sheets_in_three_languages_say_the_same(tmp_path: Path, sheet: str) -> None:
    book = read(tmp_path, sheet)
    assert rated(book) == {("Acme", "sponsorship"): 4, ("Acme", "track_record"): 2}
    assert book.ratings["rated_on"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2026-09-01"]
    assert book.ratings["rated_by"].unique().tolist() == ["Li"]


def test_ratings_of_a_name_that_two_accounts_have_count_for_the_first_and_that_is_told(tmp_path: Path) -> None:
    opportunities = "Opportunity ID,Account ID,Account Name,Stage,Amount,Close Date\n1,K1,Acme,Proof,5,2026-12-01\n2,K2,Acme,Proof,5,2026-12-01\n"
    book = read(
        tmp_path, "Account,Criterion,Rating,Rated on\nAcme,Sponsorship,4,2026-09-01\n", opportunities=opportunities
    )
    assert book.ratings[["account_id", "rating"]].to_numpy().tolist() == [["K1", 4]]
    assert messages(book, "ambiguous_account") == ["Several accounts are called 'Acme': its 1 ratings count for K1."]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["poor", "average", "good"], [1, 3, 5]),
        (["差", "中", "好"], [1, 3, 5]),
        (["−", "±", "+"], [1, 3, 5]),
        (["-", "0", "+"], [1, 3, 5]),
        (["−−", "−", "++"], [1, 2, 5]),
        (["--", "+", "++"], [1, 4, 5]),
        (["very poor", "good", "excellent"], [1, 4, 5]),
        (["很差", "较好", "非常好"], [1, 4, 5]),
        (["極差", "較差", "優秀"], [1, 2, 5]),
        (["4 - strong", "3分", "2/5"], [4, 3, 2]),
        (["★★★☆☆", "５", " 1.5 "], [3, 5, 1.5]),
        (["poor", "4", "good"], [1, 4, 5]),
    ],
)
def test_words_signs_and_numbers_lie_on_the_methods_scale(
    tmp_path: Path, words: list[str], numbers: list[float]
) -> None:
    rows = "".join(f"Acme,{criterion.name['en']},{word}\n" for criterion, word in zip(TEN[:3], words, strict=True))
    book = read(tmp_path, "Account,Criterion,Rating\n" + rows)
    assert list(rated(book).values()) == numbers


def test_a_lone_dash_is_no_rating_and_a_missing_rating_stays_missing(tmp_path: Path) -> None:
    book = read(tmp_path, "Account,Sponsorship,Track record,Culture\nAcme,4,-,n/a\n")
    assert rated(book) == {("Acme", "sponsorship"): 4}
    assert not book.issues["kind"].isin(["unreadable"]).any()


def test_what_is_no_rating_is_listed_by_account_and_criterion(tmp_path: Path) -> None:
    book = read(tmp_path, "Account,Sponsorship,Track record,Culture,Fit\nAcme,7,maybe,4/10,2\nBirch Foods,0,3,,\n")
    assert rated(book) == {("Acme", "solution_fit"): 2, ("Birch Foods", "track_record"): 3}
    assert messages(book, "rating_out_of_range") == [
        "Acme, Sponsorship: '7' is outside 1 to 5; left empty. Accepted: 1 to 5, or words such as poor and good.",
        "Birch Foods, Sponsorship: '0' is outside 1 to 5; left empty. Accepted: 1 to 5, or words such as poor and good.",
    ]
    assert "Acme, Track record: 'maybe' could not be read" in messages(book, "unreadable_rating")[0]
    assert "Acme, Cultural compatibility: '4/10' is on another scale" in messages(book, "other_scale")[0]


def test_of_two_ratings_the_newest_by_date_counts_and_the_others_stay_as_history(tmp_path: Path) -> None:
    sheet = "Account,Criterion,Rating,Rated on,Rated by\nAcme,Sponsorship,2,2026-09-01,Li\nAcme,Sponsorship,4,2026-03-01,Mo\n"
    book = read(tmp_path, sheet)
    assert rated(book) == {("Acme", "sponsorship"): 2}
    assert len(book.ratings) == 2
    assert "1 ratings of 1 accounts have a newer one" in " ".join(book.receipt["decisions"].dropna())


def test_two_ratings_of_one_day_that_differ_are_listed_by_name(tmp_path: Path) -> None:
    sheet = "Account,Criterion,Rating,Rated on,Rated by\nAcme,Sponsorship,2,2026-09-01,Li\nAcme,Sponsorship,4,2026-09-01,Mo\n"
    book = read(tmp_path, sheet)
    assert messages(book, "rated_twice") == [
        "Acme, Sponsorship is rated more than once on 2026-09-01: 2 by Li, 4 by Mo. The last row counts, 4."
    ]
    assert rated(book) == {("Acme", "sponsorship"): 4}


def test_a_rating_of_an_unknown_account_is_kept_and_listed_with_the_nearest_name(tmp_path: Path) -> None:
    book = read(tmp_path, "Account,Criterion,Rating\nAcme Ltd,Sponsorship,2\nbirch  FOODS,Sponsorship,3\n")
    assert messages(book, "unknown_account") == [
        "'Acme Ltd' is no account of these exports: its 1 ratings are kept but count nowhere. Did you mean 'Acme'?"
    ]
    assert rated(book) == {("Birch Foods", "sponsorship"): 3}
    assert len(book.ratings) == 2
    assert messages(book, "spelling")


def test_a_rating_later_than_the_date_that_was_asked_for_does_not_count_and_this_is_said(tmp_path: Path) -> None:
    sheet = "Account,Criterion,Rating,Rated on\nAcme,Sponsorship,2,2026-01-01\nAcme,Sponsorship,5,2026-10-15\n"
    assert rated(read(tmp_path, sheet)) == {("Acme", "sponsorship"): 5}
    book = read(tmp_path, sheet, as_of="2026-09-30")
    assert rated(book) == {("Acme", "sponsorship"): 2}
    assert "dated after 2026-09-30" in messages(book, "rated_later")[0]


def test_a_conflict_that_waits_does_not_count(tmp_path: Path) -> None:
    sheet = "Account,Criterion,Rating,Rated on,Rated by,Standing\nAcme,Sponsorship,2,2026-09-02,Li,conflict\nAcme,Sponsorship,4,2026-09-01,Mo,\n"
    book = read(tmp_path, sheet)
    assert rated(book) == {("Acme", "sponsorship"): 4}
    assert len(messages(book, "rating_conflict")) == 1


def test_a_column_that_is_only_called_like_a_criterion_holds_no_ratings(tmp_path: Path) -> None:
    book = read(tmp_path, "Account Name,Industry,Opportunities\nAcme,Food,12\nBirch Foods,Food,0\n", "accounts.csv")
    assert rated(book) == {}
    assert "hold no ratings" in messages(book, "not_ratings")[0]


def test_ratings_stand_in_the_accounts_export_too(tmp_path: Path) -> None:
    book = read(tmp_path, "Account Name,Industry,Opportunities,Fit,Sponsorship\nAcme,Food,好,差,\n", "accounts.csv")
    assert rated(book) == {("Acme", "opportunities"): 5, ("Acme", "solution_fit"): 1}


def test_several_dated_exports_date_the_ratings_by_the_first_that_states_them(tmp_path: Path) -> None:
    head = "Account Name,Industry,Opportunities,Fit,Sponsorship\n"
    (tmp_path / "accounts 2026-03-31.csv").write_text(head + "Acme,Food,2,3,4\n", encoding="utf-8")
    book = read(tmp_path, head + "Acme,Food,2,5,4\n", "accounts 2026-09-30.csv")
    stated = book.ratings.assign(day=book.ratings["rated_on"].dt.strftime("%m-%d"))
    assert sorted(zip(stated["criterion"], stated["rating"], stated["day"], strict=True)) == [
        ("opportunities", 2, "03-31"), ("solution_fit", 3, "03-31"), ("solution_fit", 5, "09-30"), ("sponsorship", 4, "03-31"),
    ]  # fmt: skip
    assert messages(book, "rated_twice") == []


EUR = OPPORTUNITIES.replace("Close Date", "Close Date,Currency").replace("2026-12-01\n", "2026-12-01,EUR\n")


def test_revenue_in_another_currency_is_left_empty_and_listed_by_name(tmp_path: Path) -> None:
    accounts = "Account Name,Industry,Current Revenue,Currency\nAcme,Food,1000,USD\nBirch Foods,Food,2000,EUR\n"
    book = read(tmp_path, accounts, "accounts.csv", EUR)
    assert book.accounts.set_index("account_name")["current_revenue"].to_dict() == pytest.approx(
        {"Acme": float("nan"), "Birch Foods": 2000}, nan_ok=True
    )
    assert book.accounts["revenue_rule"].tolist() == ["none", "export"]
    assert "The revenue of Acme (1) is in USD" in messages(book, "revenue_currency")[0]
    assert "left empty" in messages(book, "revenue_currency")[0]


def test_revenue_in_another_currency_is_converted_where_the_rate_is_known(tmp_path: Path) -> None:
    accounts = (
        "Account Name,Industry,2025 Revenue,2024 Revenue\nAcme,Food,US$ 1000,US$ 3000\nBirch Foods,Food,€2000,€4000\n"
    )
    book = read(tmp_path, accounts, "accounts.csv", EUR, currency="EUR", rates={"USD": 0.5})
    assert book.accounts["current_revenue"].tolist() == [1000, 3000]
    assert messages(book, "revenue_currency") == ["The revenue of Acme (1) is in USD: converted, 1 USD = 0.5 EUR."]
    assert "currency" not in book.accounts and "revenue_currency" not in book.accounts


def test_several_dated_tables_of_accounts_keep_what_each_states(tmp_path: Path) -> None:
    head = "Account Name,Industry,Current Revenue\n"
    (tmp_path / "accounts 2026-03-31.csv").write_text(head + "Acme,Food,100\n", encoding="utf-8")
    book = read(tmp_path, head + "Acme,Food,500\n", "accounts 2026-09-30.csv")
    assert book.account_snapshots["current_revenue"].tolist() == [100, 500]
    assert book.accounts["current_revenue"].iloc[0] == 500
    assert pd.isna(book.accounts["current_revenue"].iloc[1])
