"""From a database, or a folder of Parquet or CSV files, to a Warehouse."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..arguments import currency_asked
from ..errors import ArgumentError, WarehouseError, nearest
from ..exports.profiles.profile import Profile, load_profile
from ..methodology import Methodology, load_methodology
from ..periods import FiscalCalendar, calendar_of

if TYPE_CHECKING:
    from ibis import BaseBackend, Table

    from .book_like import Warehouse

KINDS = ("opportunities", "snapshots", "history", "accounts", "quotas")
"""The tables that a warehouse can have; opportunities or snapshots is needed."""
_SUFFIXES = (".parquet", ".csv")


def connect(
    source: "BaseBackend | str | Path",
    *,
    tables: Mapping[str, str] | None = None,
    profile: str | Path = "canonical",
    methodology: Methodology | str | Path | None = None,
    as_of: pd.Timestamp | str | None = None,
    currency: str | None = None,
    calendar: FiscalCalendar | int = 1,
) -> "Warehouse":
    """A warehouse, or a folder of files larger than memory, as something the analyses take in place of a book.

    Every reduction runs where the data lie; only counts and sums come back.

    Parameters
    ----------
    source
        An Ibis backend (DuckDB, Snowflake, BigQuery, PySpark, Postgres …), or a folder with
        ``opportunities.parquet`` or a folder ``opportunities/`` of files, and the same for other tables; CSV likewise.
        Files are read by DuckDB where they are, never copied.
    tables
        Name of each table in the warehouse, by `KINDS`: ``{"history": "sales.opportunity_history"}``. None takes those
        that are called as the kinds are.
    profile
        Says what the columns and stages are called: the key of a built-in profile or the path of a TOML file.
    methodology
        The sales method; None takes the profile's, else the large-account method.
    as_of
        "Now"; None takes the newest snapshot's date, else the day of the newest recorded change.
    currency
        ISO code of every amount, where they are converted; None takes the one that the rows state.
    calendar
        The team's fiscal calendar, or the first month of its fiscal year.

    Raises
    ------
    WarehouseError
        If Ibis is not installed, a table is missing, no date is known, or a column holds what cannot be read.
    ProfileError, UnknownStageError
        If a column or a stage is not known.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> warehouse = fa.connect("exports/", as_of="2026-09-30")  # doctest: +SKIP
    >>> fa.stage_conversion(warehouse, by="segment")  # doctest: +SKIP
    """
    try:
        import ibis
    except ImportError as problem:
        raise WarehouseError(
            "Warehouses need Ibis, which is not installed: pip install 'funnel-analytics[warehouse]'."
        ) from problem
    # What the analyses reduce a warehouse with stands beside Ibis, and is registered as it is imported.
    from . import changes, counts, moves, pipeline_lines, pushes, won_and_due  # noqa: F401
    from .opening import opened

    backend: Any = source
    if isinstance(source, str | Path):
        if tables:
            raise ArgumentError(
                "tables= names the tables of a database; in a folder, each file or folder has its table's name."
            )
        backend, found = ibis.duckdb.connect(), _files(Path(source))
        held = {kind: _read(backend, files) for kind, files in found.items()}
    elif hasattr(source, "list_tables"):
        held = _named(backend, tables or {})
    else:
        raise WarehouseError(
            f"A {type(source).__name__} is no warehouse. Give an Ibis backend, as ibis.duckdb.connect('sales.duckdb'), or"
            " the path of a folder of Parquet or CSV files."
        )
    if ("opportunities" in held) == ("snapshots" in held):
        raise WarehouseError(_neither(backend, held, folder=isinstance(source, str | Path)))
    calendar_of(calendar)
    chosen, currency = load_profile(profile), currency_asked(currency)
    return opened(held, chosen, _method(methodology, chosen), as_of, currency, calendar)


def _method(methodology: Methodology | str | Path | None, profile: Profile) -> Methodology:
    if isinstance(methodology, Methodology):
        return methodology
    return load_methodology(methodology) if methodology is not None else profile.methodology or load_methodology()


def _files(folder: Path) -> dict[str, list[str]]:
    """The files of each table in a folder."""
    if not folder.is_dir():
        raise WarehouseError(
            f"There is no folder '{folder}'. Give one with opportunities.parquet or a folder of files."
        )
    found = {}
    for kind in KINDS:
        inside = sorted(path for suffix in _SUFFIXES for path in (folder / kind).glob(f"*{suffix}"))
        beside = [folder / f"{kind}{suffix}" for suffix in _SUFFIXES if (folder / f"{kind}{suffix}").is_file()]
        files = inside or beside
        if len({path.suffix for path in files}) > 1:
            raise WarehouseError(f"The table {kind} stands as Parquet and as CSV in '{folder}'. Keep one of the two.")
        if files:
            found[kind] = [str(path) for path in files]
    return found


def _read(backend: Any, files: list[str]) -> "Table":
    read: Table = backend.read_parquet(files) if files[0].endswith(".parquet") else backend.read_csv(files)
    return read


def _neither(backend: Any, held: Mapping[str, Any], *, folder: bool) -> str:
    """What to say where opportunities stand in no table, or in two."""
    wanted = (
        "Give opportunities (as they stand now) or snapshots (dated exports; the newest is how they stand now), one of"
        " the two"
    )
    if "opportunities" in held or folder:
        return f"Found the tables {', '.join(held) or '–'}. {wanted}."
    there = _tables(backend, None)
    return (
        f"None of the tables of the database ({', '.join(there[:20]) or '–'}) is called opportunities or snapshots."
        f' {wanted}, by its name: connect(…, tables={{"opportunities": "…"}}).'
    )


def _named(backend: Any, names: Mapping[str, str]) -> dict[str, "Table"]:
    """The tables of a backend, by kind."""
    for kind in names:
        if kind not in KINDS:
            raise ArgumentError(f"'{kind}' is not a table of a warehouse.{nearest(kind, KINDS)}")
    # Engines differ in the case of names, so that it says nothing.
    present = {} if names else {str(name).lower(): str(name) for name in backend.list_tables()}
    wanted = names or {kind: present[kind] for kind in KINDS if kind in present}
    found = {}
    for kind, name in wanted.items():
        *path, table = str(name).split(".")
        # A database, or a catalog and a database, may stand before the name.
        place = tuple(path) if len(path) > 1 else path[0] if path else None
        try:
            found[kind] = backend.table(table, database=place)
        except Exception as problem:
            there = _tables(backend, place)
            if there and table not in there:
                raise WarehouseError(f"There is no table '{name}' ({kind}).{nearest(table, there)}") from problem
            if not there and path:
                where = ".".join(path)
                raise WarehouseError(
                    f"There are no tables in '{where}', from which '{name}' ({kind}) was to come."
                    f"{nearest(where, _places(backend))}"
                ) from problem
            raise WarehouseError(f"The table '{name}' ({kind}) cannot be opened: {problem}") from problem
    return found


def _places(backend: Any) -> list[str]:
    """The databases of a warehouse, for the nearest guess; none where it tells none."""
    with suppress(Exception):
        return list(backend.list_databases())
    return []


def _tables(backend: Any, place: Any) -> list[str]:
    """The tables of a place in a warehouse, for the nearest guess; none where the place is not there either."""
    with suppress(Exception):
        # Not the session's own.
        return [name for name in backend.list_tables(database=place) if not name.startswith("ibis_")]
    return []
