"""A control for an amount of money, typed and shown as people write it: 450,000, 450k, 45万."""

from typing import Any

import ipywidgets as widgets
import pandas as pd

from ..errors import ArgumentError
from ..exports.values.money import parse_money
from ..words import number


class Amount(widgets.Text):
    """An amount, or nothing: then what stands in grey is taken."""

    def __init__(self, own: float | None, **look: Any) -> None:
        super().__init__(placeholder="" if own is None else number(own), continuous_update=False, **look)
        self.observe(lambda _: self._tidy(), names="value")

    @property
    def amount(self) -> float | None:
        """What was typed, in units of the book's currency; None where nothing was.

        Raises
        ------
        ArgumentError
            If it is not an amount.
        """
        text = self.value.strip()
        return _read(text) if text else None

    @amount.setter
    def amount(self, value: float | None) -> None:
        self.value = _written(value)

    def _tidy(self) -> None:
        try:
            self.amount = self.amount
        except ArgumentError:
            # It stays as it was typed; whoever asks for the amount is told.
            return


def _read(text: str) -> float:
    value = parse_money(pd.Series([text])).values.iloc[0]
    if pd.isna(value):
        raise ArgumentError(
            f"'{text}' is not an amount. Accepted: a number such as 450,000 or 450k, or nothing for the book's own."
        )
    return float(value)


def _written(value: float | None) -> str:
    return "" if value is None or pd.isna(value) else f"{value:,.2f}".removesuffix(".00")
