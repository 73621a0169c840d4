"""Amounts whose dash, point or comma is no minus and no decimal sign."""

import pandas as pd
import pytest

from funnel_analytics.exports.values.parsing import parse_money


@pytest.mark.parametrize(
    ("written", "amounts"),
    [
        (["1.000,-", "350,000.00"], [1_000, 350_000]),  # the comma before the dash is the decimal sign
        (["kr 1.234,-", "kr 12,-"], [1_234, 12]),
        (["1000,-- EUR", "12.500,00 EUR"], [1_000, 12_500]),
        (["1,234,-", "99,000"], [1_234, 99_000]),
        (["CHF 1000.–", "CHF 1'200.-"], [1_000, 1_200]),
    ],
)
def test_a_dash_in_place_of_cents_tells_the_decimal_sign(written: list[str], amounts: list[float]) -> None:
    assert parse_money(pd.Series(written)).values.tolist() == amounts


def test_a_dash_behind_a_yen_amount_ends_it_and_one_behind_a_bare_number_is_a_minus() -> None:
    yen, bare = parse_money(pd.Series(["¥12,500-", "-¥300", "¥7"])), parse_money(pd.Series(["12,500.00-", "JPY 300-"]))
    assert yen.values.tolist() == [12_500, -300, 7]
    assert "'¥500-' ends with a dash as in Japan; it was not read as a minus" in yen.decisions
    assert bare.values.tolist() == [-12_500, -300]
