"""From columns of text to amounts of money and the currencies written with them."""

import pandas as pd

from .parsed import Parsed


def parse_money(column: pd.Series) -> Parsed:
    """Amounts as float in units of their currency; `Parsed.currencies` holds the codes written with them."""
    raise NotImplementedError(column)
