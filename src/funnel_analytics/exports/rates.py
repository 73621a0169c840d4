"""Exchange rates from a file: what one unit of each currency is worth in the reporting currency."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from ..errors import ArgumentError, ExportError
from .formats.opening import read_sheets
from .profiles.labels import vocabulary
from .profiles.profile import heading_key
from .receipt import Entry
from .rows.amounts import currency_codes
from .sheets.table_inside import SheetTable, find_table
from .values import parsing

Rates = Mapping[str, float] | str | PathLike[str]


def load_rates(rates: Rates | None) -> Mapping[str, float] | None:
    r"""Rates as given, or those of a file with a column of currencies and a column of rates.

    Parameters
    ----------
    rates
        A mapping, or the path of a CSV or Excel file, with headings such as Currency and Rate or 币种 and 汇率.

    Returns
    -------
    mapping or None
        Code of three letters → what one unit is worth in the reporting currency.

    Raises
    ------
    ExportError
        If the file cannot be read or has no such columns.
    ArgumentError
        If a currency or a rate in it is not understood, or a currency has two rates.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "rates.csv")
    ...     _ = file.write_text("币种,汇率\n美元,7.1\n€,7.8\n", encoding="utf-8")
    ...     load_rates(file)
    {'USD': 7.1, 'EUR': 7.8}
    """
    if rates is None or isinstance(rates, Mapping):
        return rates
    path = Path(rates).expanduser()
    tables = [table for sheet in read_sheets(path) if (table := find_table(sheet)) is not None]
    found = [(table, places) for table in tables if (places := _columns(table)) is not None]
    if not found:
        words = vocabulary()["rate_files"]
        raise ExportError(
            f"'{path.name}' has no column of currencies ({', '.join(words['currency'][:3])} …) beside one of rates"
            f" ({', '.join(words['rate'][:3])} …)."
        )
    table, (currency, rate) = found[0]
    entry = Entry(path.name, None)
    codes = currency_codes(table.rows[currency].astype("str"), entry, currency)
    parsed = parsing.parse_number(table.rows[rate])
    wrong = table.rows.index[codes.isna() | parsed.values.isna()]
    if len(wrong):
        line = " ".join(str(text) for text in table.rows.loc[wrong[0], [currency, rate]])
        raise ArgumentError(
            f"{path.name}, row {wrong[0]}: '{line}' is no currency with a rate. Accepted: a code of three letters and"
            " what one unit is worth in the reporting currency, as EUR 1.08."
        )
    twice = codes[codes.duplicated()]
    if len(twice):
        raise ArgumentError(f"{path.name} has two rates for {twice.iloc[0]}. Keep the one that counts.")
    return dict(zip(codes, parsed.values.astype("float64"), strict=True))


def _columns(table: SheetTable) -> tuple[str, str] | None:
    keys = {heading_key(heading): heading for heading in table.headings}
    places = [
        next((keys[heading_key(word)] for word in vocabulary()["rate_files"][kind] if heading_key(word) in keys), None)
        for kind in ("currency", "rate")
    ]
    return None if None in places else (str(places[0]), str(places[1]))
