"""Where the names in a list lead: the record's page in the CRM, if the exports or the profile tell it."""

from collections.abc import Mapping

import pandas as pd

from ..addresses import web_address
from ..book import Book


def _addresses(book: Book, frame: str, ident: str) -> pd.Series:
    """Address by id; only those that can be followed."""
    rows: pd.DataFrame = getattr(book, frame)
    found = rows.set_index(ident)["url"].map(web_address, na_action="ignore").dropna()
    return found[~found.index.duplicated()]


def links(book: Book, table: pd.DataFrame) -> Mapping[str, pd.Series]:
    """Addresses row by row, by the column whose texts link to them: the name, or the id where names are missing.

    Parameters
    ----------
    book
        The book.
    table
        A list of opportunities or accounts; any other table has no links.
    """
    found = {}
    for frame, kind in (("opportunities", "opportunity"), ("accounts", "account")):
        ident, name = f"{kind}_id", f"{kind}_name"
        if ident not in table:
            continue
        known = book.once(_addresses, frame, ident)
        addresses = table[ident].map(known)
        if addresses.notna().any():
            found[name if name in table and table[name].notna().any() else ident] = addresses
    return found
