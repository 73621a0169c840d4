"""The whole way in: paths of CRM exports → a Book."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from os import PathLike

import pandas as pd

from ..addresses import address_template
from ..arguments import day_asked
from ..assembly import Parts, assemble
from ..book import Book
from ..errors import ArgumentError, ExportError, MethodologyError, ProfileError, nearest
from ..methodology import Methodology, load_methodology
from ..outcomes import CLOSED
from ..periods import FiscalCalendar
from . import dating
from .finding import Paths, find_files
from .profiles.labels import Labels, choose_methodology, labels_of, named_of, require_known_stages
from .profiles.profile import DATE_ORDERS, FIELDS, Profile, load_profile, with_stages
from .rates import Rates, load_rates
from .receipt import issues_of, receipt_of
from .recognition import Opened, Rules, open_files
from .rows import amounts, joining
from .rows.accounts import account_frame, account_snapshots, joined_accounts, say_namesakes, settle_revenue
from .rows.calls import call_frame
from .rows.columns import Piece, column
from .rows.duplicates import set_aside_duplicates, tell_rows_apart
from .rows.evidence import evidence_frame
from .rows.history import history_rows, joined_logs, say_later_changes
from .rows.known_ids import bring_ids_together
from .rows.links import add_links
from .rows.opportunities import (
    add_up_lines,
    check_rows,
    fold_closing,
    keep_loss_reasons,
    read_categories,
    read_labels,
    read_outcomes,
    stage_date_rows,
    with_ids,
)
from .rows.quotas import newest_quotas, settle_quotas
from .rows.ratings import rating_frame
from .rows.records import as_snapshots, stated_ids
from .rows.salesforce_ids import bring_forms_together
from .rows.systems import tell_accounts_apart, tell_opportunities_apart
from .several_exports import compare_exports
from .values.currencies import currency_named

_FOLDED = ("actual_amount", "converted_amount", "converted_currency", "is_closed", "is_won", "is_lost", "is_open", "closed_date", "won_date", "lost_date", "amount_currency", "converted_amount_currency")  # fmt: skip


def read_exports(
    paths: Paths,
    *,
    profile: str | PathLike[str] | Profile | None = None,
    methodology: str | PathLike[str] | Methodology | None = None,
    as_of: pd.Timestamp | str | None = None,
    currency: str | None = None,
    rates: Rates | None = None,
    date_order: str | None = None,
    fiscal_start: int | None = None,
    revenue_benchmark: float | None = None,
    sheet: str | None = None,
    stages: Mapping[str, str] | None = None,
    crm_url: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Book:
    r"""Read CRM exports into one book.

    Parameters
    ----------
    paths
        A folder, a pattern such as ``exports/*.xlsx``, a file, an archive (`exports.archive`), or a list of
        these. Tables of opportunities, accounts, owners, stage history, quotas, calls, ratings and evidence are recognised
        by their headings. Files of one date are parts of one export; several dates make several exports.
    profile
        A built-in profile's key or the path of a profile (TOML, see ``docs/profiles.md``); None recognises it.
    methodology
        A built-in methodology's key or the path of one; None takes the profile's, else the built-in one that
        knows most rows' stages (the receipt says which).
    as_of
        "Now". None takes the date that the report or the file name states, else the newest change in the data.
    currency
        Code of the currency to report in.
    rates
        What one unit of another currency is worth in it: ``{"EUR": 1.08}``, or the path of a file with a column
        of currencies and one of rates.
    date_order
        ``"DMY"``, ``"MDY"`` or ``"YMD"`` for dates that read both ways; None finds it from all dates of a file.
    fiscal_start
        First month of the fiscal year, 1 to 12; None takes the profile's calendar, else January.
    revenue_benchmark
        Annual revenue with us from which an account counts as high.
    sheet
        The sheet to read, where a workbook holds several.
    stages
        What stage labels mean: a stage of the methodology, or ``won``, ``lost``, ``open``: ``{"Negotiating": "Proof"}``.
    crm_url
        Address of an opportunity in the CRM, with ``{id}``: where the export names none, reviews link to it.
    progress
        Called with each file's name before it is read.

    Returns
    -------
    Book
        ``book.receipt`` says for every table how many rows came in, were kept and were set aside;
        ``book.issues`` lists every value that could not be taken as it stands.

    Raises
    ------
    ExportError
        If a file is missing or cannot be read, or no table of opportunities is among them.
    ProfileError, MethodologyError
        If the profile or methodology does not exist or is incomplete.
    UnknownStageError
        If the methodology does not know the stage of most rows.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "pipeline 2026-09-30.csv")
    ...     _ = file.write_text("Opportunity ID,Account Name,Stage,Amount,Close Date\nA1,Acme,Proof,500,2026-12-01\n")
    ...     book = read_exports(file)
    >>> book.opportunities["stage"].tolist(), str(book.as_of.date())
    (['Proof'], '2026-09-30')
    """
    now = None if as_of is None else day_asked(as_of, "as_of")
    worth, currency = load_rates(rates), currency_named(currency)
    link = None if crm_url is None else address_template(crm_url)
    found = find_files(paths)
    # What an export was added to an archive with holds for reading it, unless the caller says otherwise.
    kept_profile, kept_methodology = found.kept_options
    chosen = profile if isinstance(profile, Profile) or profile is None else load_profile(str(profile))
    basis = chosen or (load_profile(kept_profile) if kept_profile else None)
    wanted = methodology or (None if chosen and chosen.methodology else kept_methodology)
    rules, method = rules_for(basis, wanted, date_order, fiscal_start, sheet)
    opened = open_files(found, replace(rules, profile=chosen), progress)
    for piece in opened.pieces:
        piece.fit = replace(piece.fit, profile=with_stages(piece.fit.profile, stages or {}))
    add_links(opened.of("opportunities"), "opportunity_id", link)
    add_links(opened.of("accounts"), "account_id", None)
    return book_of(opened, method, rules.calendar, now=now, currency=currency, rates=worth, benchmark=revenue_benchmark)


def rules_for(
    profile: Profile | None,
    methodology: str | PathLike[str] | Methodology | None,
    date_order: str | None,
    fiscal_start: int | None,
    sheet: str | None,
) -> tuple[Rules, Methodology | None]:
    """What holds for all files, and the methodology if one is named.

    Raises
    ------
    ArgumentError, MethodologyError
        If the date order or the methodology is not known.
    """
    if date_order is not None and date_order not in DATE_ORDERS:
        raise ArgumentError(f"date_order '{date_order}' is not known.{nearest(date_order, DATE_ORDERS)}")
    method = methodology if isinstance(methodology, Methodology | None) else load_methodology(str(methodology))
    method = method or (profile.methodology if profile else None)
    calendar = (profile.calendar if profile else None) or FiscalCalendar()
    calendar = replace(calendar, start=fiscal_start) if fiscal_start is not None else calendar
    return Rules(profile, named_of(method or load_methodology()), date_order, calendar, sheet), method


def book_of(
    opened: Opened,
    method: Methodology | None,
    calendar: FiscalCalendar,
    *,
    now: pd.Timestamp | None = None,
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    benchmark: float | None = None,
) -> Book:
    """The book of opened tables.

    Raises
    ------
    ExportError
        If the tables of opportunities hold no rows.
    """
    if not any(len(piece.frame) for piece in opened.of("opportunities")):
        names = ", ".join(piece.entry.file for piece in opened.of("opportunities"))
        raise ExportError(f"{names} has headings but no rows: the export is empty. Export it again with its records.")
    return _Way(opened, method, now, calendar).to_book(currency, rates, benchmark)


class _Way:
    """The steps from opened tables to a book, in order."""

    def __init__(
        self, opened: Opened, method: Methodology | None, now: pd.Timestamp | None, calendar: FiscalCalendar
    ) -> None:
        self.opened, self.now, self.calendar = opened, now, calendar
        self.opportunities, self.logs = opened.of("opportunities"), opened.of("history")
        self.profiles = {piece.fit.profile.key: piece.fit.profile for piece in (*self.opportunities, *self.logs)}
        self.method = method or self._method()
        self.labels = {key: self._labels(profile) for key, profile in self.profiles.items()}

    def _counts(self, pieces: list[Piece]) -> dict[str, dict[str, int]]:
        """Per profile: stage label → rows."""
        counts: dict[str, dict[str, int]] = {}
        for piece in pieces:
            held = counts.setdefault(piece.fit.profile.key, {})
            for label, rows in column(piece.frame, "stage").value_counts().items():
                held[str(label)] = held.get(str(label), 0) + int(rows)
        return counts

    def _method(self) -> Methodology:
        declared = next((profile.methodology for profile in self.profiles.values() if profile.methodology), None)
        if declared is not None:
            return declared
        method, how = choose_methodology(self._counts([*self.opportunities, *self.logs]), self.profiles)
        for piece in self.opportunities:
            piece.entry.decide(how)
        return method

    def _labels(self, profile: Profile) -> Labels:
        try:
            return labels_of(self.method, profile)
        except MethodologyError as problem:
            raise ProfileError(f"Profile '{profile.key}', [stages]: {problem}") from problem

    def _accounts(self, owners: pd.DataFrame | None) -> pd.DataFrame | None:
        pieces = self.opened.of("accounts")
        lookups = {piece.fit.table.kind for piece in self.opened.pieces} - {"opportunities", "history", "accounts"}
        for piece in pieces:
            for table in sorted(lookups):
                joining.follow(piece, table, self.opened.of(table), tuple(FIELDS["accounts"]))
            if owners is not None:
                joining.bring_together(piece, "owner", owners["owner"], "owners")
        return account_frame(pieces)

    def _known(self, accounts: pd.DataFrame | None) -> pd.DataFrame:
        """Id and name of every account that a table names."""
        frames = (
            [piece.frame for piece in self.opportunities]
            if accounts is None
            else [accounts, *(p.frame for p in self.opportunities)]
        )
        named = [
            pd.DataFrame({name: column(frame, name) for name in ("account_id", "account_name")}) for frame in frames
        ]
        rows = pd.concat(named, ignore_index=True).drop_duplicates().dropna(how="all")
        rows["account_name"] = rows["account_name"].fillna(rows["account_id"])
        # A name that some rows give an id stands for that id in all others.
        ids = rows.dropna(subset=["account_id"]).drop_duplicates("account_name").set_index("account_name")["account_id"]
        rows["account_id"] = rows["account_id"].fillna(rows["account_name"].map(ids).astype("str"))
        rows["account_id"] = rows["account_id"].fillna(rows["account_name"])
        return rows.drop_duplicates()

    def _opportunities(self, accounts: pd.DataFrame | None, owners: pd.DataFrame | None) -> None:
        counts = self._counts(self.opportunities)
        # Where the opportunities name no stage, the change log is all there is.
        counts = counts if any(counts.values()) else self._counts(self.logs)
        require_known_stages(counts, self.profiles, self.method, self.opportunities[0].entry.file)
        products = [piece.frame["product"] for piece in self.opened.of("products") if "product" in piece.frame]
        lookups = {piece.fit.table.kind for piece in self.opened.pieces} - {"opportunities", "history"}
        for piece in self.opportunities:
            labels = self.labels[piece.fit.profile.key]
            if products:
                joining.bring_together(piece, "product", pd.concat(products), "products")
            if accounts is not None and "account_id" not in piece.frame and "accounts" not in piece.joins:
                joining.bring_together(piece, "account_name", column(accounts, "account_name"), "accounts")
                say_namesakes(piece, accounts)
            for table in sorted(lookups):
                fields = ("account_id", "account_name") if table == "accounts" else tuple(FIELDS["opportunities"])
                joining.follow(piece, table, self.opened.of(table), fields)
            if owners is not None:
                joining.bring_together(piece, "owner", owners["owner"], "owners")
            with_ids(piece)
            add_up_lines(piece)
            tell_rows_apart(piece)
            stated = read_labels(piece, labels, self.method)
            read_outcomes(piece, labels, stated, self.method)
            piece.frame = fold_closing(piece.frame)
            keep_loss_reasons(piece)
            read_categories(piece, labels)
            followed = bool(self.logs or piece.stage_dates)
            check_rows(piece.frame, piece.entry, dict(piece.fit.columns), followed=followed)
        tell_opportunities_apart(self.opportunities, self.logs)
        bring_ids_together(self.opportunities, self.logs)

    def _history(self) -> pd.DataFrame | None:
        opportunities = (
            pd.concat([piece.frame for piece in self.opportunities], ignore_index=True) if self.logs else pd.DataFrame()
        )
        frames = [history_rows(piece, self.labels[piece.fit.profile.key], opportunities) for piece in self.logs]
        dated = [piece for piece in self.opportunities if piece.stage_dates]
        frames += [stage_date_rows(piece, self.labels[piece.fit.profile.key]) for piece in dated]
        return joined_logs(frames, self.logs)

    def _dates(self, history: pd.DataFrame | None) -> None:
        """Every table of opportunities gets the date on which it was exported."""
        undated = [piece for piece in self.opportunities if piece.entry.as_of is None and "as_of" not in piece.frame]
        source, date = "caller", self.now
        if undated and date is None:
            frames, time = [piece.frame for piece in undated], "datetime64[us]"
            recorded = [column(frame, "last_modified_date", time) for frame in frames]
            recorded += [] if history is None else [history["changed_at"].dt.normalize()]
            created = [column(frame, name, time) for frame in frames for name in ("created_date", "stage_entered_date")]
            closed = [column(frame, "close_date", time)[frame["outcome"].isin(CLOSED)] for frame in frames]
            source, date = "newest_change", dating.newest_change(recorded, created, closed)
        for piece in self.opportunities:
            if piece in undated and date is not None:
                piece.entry.as_of, piece.entry.as_of_source = date, source
            if "as_of" in piece.frame:
                piece.entry.as_of, piece.entry.as_of_source = piece.frame["as_of"].max(), "report"
            piece.frame["as_of"] = column(piece.frame, "as_of", "datetime64[us]").fillna(piece.entry.as_of)

    def _snapshots(self) -> tuple[pd.DataFrame, int]:
        """The rows of all exports, led by those set aside because their id stands twice, and the number of these."""
        set_aside_duplicates(self.opportunities)
        compare_exports(self.opportunities, self.now)
        for piece in self.opportunities:
            amounts.name_converted(piece)
        repeated = [as_snapshots(piece, piece.repeated) for piece in self.opportunities if len(piece.repeated)]
        kept = [as_snapshots(piece, piece.frame) for piece in self.opportunities]
        every = [*repeated, *kept]
        # A single table is not copied.
        rows = pd.concat(every, ignore_index=True) if len(every) > 1 else every[0].reset_index(drop=True)
        return rows, sum(map(len, repeated))

    def to_book(self, currency: str | None, rates: Mapping[str, float] | None, benchmark: float | None) -> Book:
        """The book of what was opened."""
        bring_forms_together(self.opened.pieces)
        tell_accounts_apart(self.opened.pieces)
        owners = joining.owner_frame(self.opened.of("owners"))
        accounts = self._accounts(owners)
        self._opportunities(accounts, owners)
        method = self.method
        ratings = rating_frame(
            [*self.opened.of("accounts"), *self.opened.of("ratings")], method, self._known(accounts), self.now
        )
        history = self._history()
        self._dates(history)
        if history is not None and self.now is None:
            say_later_changes(history, self.logs, max(piece.frame["as_of"].max() for piece in self.opportunities))
        named = (
            pd.concat([column(piece.frame, "owner") for piece in self.opportunities])
            if owners is None
            else owners["owner"]
        )
        for piece in [*self.opened.of("quotas"), *self.opened.of("calls")]:
            joining.bring_together(piece, "owner", named, "opportunities" if owners is None else "owners")
        evidence = evidence_frame([*self.opportunities, *self.opened.of("evidence")], method)
        rows, repeated = self._snapshots()
        money = self._money(rows, history, currency, rates)
        settle_quotas([*self.opened.of("quotas"), *self.opened.of("calls")], money, rates)
        quotas = newest_quotas(self.opened.of("quotas"), self.calendar)
        calls = call_frame(self.opened.of("calls"), self.calendar)
        settle_revenue(self.opened.of("accounts"), money, rates)
        accounts = joined_accounts(self.opened.of("accounts"))
        entries = self.opened.entries
        rows = rows.drop(columns=[name for name in _FOLDED if name in rows])
        parts = Parts(
            rows.iloc[repeated:], accounts, owners, ratings, history, quotas, receipt_of(entries), issues_of(entries),
            evidence, rows.iloc[:repeated].assign(reason="duplicate_id"), stated_ids(self.opportunities), calls,
            account_snapshots(self.opened.of("accounts")),
        )  # fmt: skip
        return assemble(
            parts, methodology=method, as_of=self.now, currency=money.currency,
            calendar=self.calendar, revenue_benchmark=benchmark,
        )  # fmt: skip

    def _money(
        self,
        snapshots: pd.DataFrame,
        history: pd.DataFrame | None,
        currency: str | None,
        rates: Mapping[str, float] | None,
    ) -> amounts.Money:
        """Amounts of snapshots and history in one currency, as far as that is possible."""
        codes = snapshots["currency"] = amounts.without_blanks(snapshots, currency, self.opportunities)
        money = None if rates else amounts.as_converted(snapshots, currency)
        if money is not None:
            # The CRM has converted already: its own rates are the company's.
            snapshots["amount"] = amounts.converted_amounts(snapshots, money.currency)
            factor = (snapshots["amount"] / snapshots["amount_original"]).where(snapshots["amount_original"] != 0)
            factor = factor.fillna(factor.groupby(codes).transform("median"))
        else:
            money = amounts.settle(codes, currency, rates)
            amounts.say_other_rates(snapshots, money, self.opportunities)
            factor = money.factor(codes)
            snapshots["amount"] = snapshots["amount_original"] * factor
        if history is not None and "amount" in history:
            by_id = pd.Series(factor.to_numpy(), index=snapshots["opportunity_id"])
            by_id = by_id[~by_id.index.duplicated(keep="last")]
            history["amount"] = history["amount"].astype("float64") * history["opportunity_id"].map(by_id)
        for piece in self.opportunities:
            piece.entry.decide(*([money.decision] if money.decision else []))
        return money
