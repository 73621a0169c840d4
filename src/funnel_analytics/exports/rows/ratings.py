"""Ratings of accounts, one per row or per column, in numbers or in words, as `tables.RATINGS`."""

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np
import pandas as pd

from ...methodology import Methodology
from ..profiles.labels import criteria_of, vocabulary
from ..profiles.profile import heading_key
from ..values.parsed import error_cell, is_error
from .columns import Piece, column
from .joining import spelling

_DASHES = str.maketrans(dict.fromkeys("−–—﹣－", "-") | {"＋": "+"})
_LEADING = re.compile(r"^(-?\d+(?:[.,]\d+)?)\s*(?:/\s*(\d+)|分|[:.、(].*|-\s*\D.*)?$")
_STARS = frozenset("★☆⭐")
_NOTHING = frozenset({"", "/", "n/a", "na", "none", "null", "?", "tbd", "unknown", "not rated", "unrated", "无", "無", "未评", "未评分", "未評", "未評分", "不知道", "不详", "不詳", "待评", "待評"})  # fmt: skip
_FEW = 3
"""An accounts table with fewer columns that are called like a criterion may mean something else by them."""
_WHO_AND_WHEN = ["rated_on", "rated_by"]


def _rating_key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).casefold().strip(" .。!").split())


class _Scale:
    """What the words and numbers of one table mean on the methodology's scale."""

    def __init__(self, method: Methodology, keys: set[str]) -> None:
        self.low, self.high = method.rating_low, method.rating_high
        steps = {_rating_key(word): step for step, words in vocabulary()["rating_words"].items() for word in words}
        found = {steps[key] for key in keys if key in steps and key not in ("-", "--", "0")}
        signs = any(key in ("+", "++", "+/-", "±") for key in keys)
        # A lone dash is "nothing"; beside a plus it is the opposite of it.
        self.steps = {key: step for key, step in steps.items() if signs or key not in ("-", "--", "0")}
        self.blank = _NOTHING if signs else _NOTHING | {"-", "--", "---"}
        five = bool(found & {"lowest", "highest"}) or (signs and bool(keys & {"--", "++"}))
        inner = 0.25 if five else 0.0
        self.shares = {"lowest": 0.0, "low": inner, "middle": 0.5, "high": 1 - inner, "highest": 1.0}
        self.in_words = bool(found) or signs

    def said(self) -> str:
        """How words were read, for the receipt."""
        named = {step: self.low + share * (self.high - self.low) for step, share in self.shares.items()}
        return f"ratings in words: poor = {named['low']:g}, average = {named['middle']:g}, good = {named['high']:g}"

    def read(self, text: str) -> tuple[float, str | None]:
        """The rating, and what is wrong with the text."""
        key = _rating_key(text)
        if key in self.steps:
            return round(self.low + self.shares[self.steps[key]] * (self.high - self.low), 6), None
        if key in self.blank:
            return np.nan, None
        stars = sum(mark in "★⭐" for mark in key)
        match = None if set(key) <= _STARS else _LEADING.match(key)
        if match is None and not stars:
            return np.nan, "unreadable_rating"
        number = float(match[1].replace(",", ".")) if match else float(stars)
        if match and match[2] and float(match[2]) != self.high:
            return np.nan, "other_scale"
        return (number, None) if self.low <= number <= self.high else (np.nan, "rating_out_of_range")


_WHY = {
    "unreadable_rating": "could not be read as a rating",
    "other_scale": "is on another scale than {low:g} to {high:g}",
    "rating_out_of_range": "is outside {low:g} to {high:g}",
}


def _read_ratings(piece: Piece, long: pd.DataFrame, method: Methodology) -> pd.DataFrame:
    """The ratings as numbers; what is none is listed by account and criterion, and left empty."""
    texts = [str(text) for text in long["rating"].dropna().unique()]
    scale = _Scale(method, {_rating_key(text) for text in texts})
    read = {text: scale.read(text) for text in texts if not is_error(text)}
    names = {criterion.key: criterion.name["en"] for criterion in method.criteria}
    lines = []
    for line in long.dropna(subset=["rating"]).itertuples():
        text = str(line.rating)
        if text in read and read[text][1] is None:
            continue
        where = f"{line.account}, {names.get(str(line.criterion), line.criterion)}"
        if text in read:
            reason = str(read[text][1])
            kind, said = "unreadable", f"'{text}' {_WHY[reason].format(low=scale.low, high=scale.high)}; left empty."
            said += f" Accepted: {scale.low:g} to {scale.high:g}, or words such as poor and good."
        else:
            kind, reason, said = error_cell(text)
        lines.append({"row": line.row, "value": text, "kind": kind, "reason": reason, "message": f"{where}: {said}"})
    if lines:
        piece.entry.issues_of(pd.DataFrame(lines), None)
    if scale.in_words:
        piece.entry.decide(scale.said())
    values = long["rating"].map({text: value for text, (value, _) in read.items()})
    return long.assign(rating=values.astype("float64"))


def _long(piece: Piece, known: Mapping[str, str]) -> pd.DataFrame | None:
    """One row per rating as text; None where the table holds none."""
    frame, entry = piece.frame, piece.entry
    base = pd.DataFrame(
        {
            "account_id": column(frame, "account_id"),
            "account": column(frame, "account_name").fillna(column(frame, "account_id")),
            "rated_on": column(frame, "rated_on", "datetime64[us]"),
            "rated_by": column(frame, "rated_by"),
            "row": frame.index.astype("float64"),
        }
    )
    if "criterion" in frame and "rating" in frame:
        words = frame["criterion"]
        keys = words.map({text: known.get(heading_key(text)) for text in words.dropna().unique()}).astype("str")
        strange = frame.index[keys.isna()]
        entry.set_aside(strange, "unknown_criterion", "The row rates no criterion of the methodology.", words)
        waiting = column(frame, "standing").notna() & keys.notna()
        message = "The rating met a newer one of somebody else when it was saved: it waits until one of them is chosen."
        entry.set_aside(frame.index[waiting], "rating_conflict", message, frame["rating"])
        return base.assign(criterion=keys, rating=frame["rating"])[keys.notna() & ~waiting]
    if not piece.ratings:
        return None
    wide = pd.DataFrame(piece.ratings).reindex(frame.index)
    parts = [base.assign(criterion=key, rating=wide[key]) for key in wide]
    return pd.concat(parts)


def _means_ratings(piece: Piece, method: Methodology) -> bool:
    """Whether the columns of an accounts table that are called like criteria hold ratings."""
    if piece.fit.table.kind != "accounts" or len(piece.ratings) >= _FEW:
        return True
    texts = {str(text) for values in piece.ratings.values() for text in values.dropna().unique()}
    scale = _Scale(method, {_rating_key(text) for text in texts})
    if all(scale.read(text)[1] is None for text in texts):
        return True
    message = (
        f"Columns called {', '.join(piece.ratings)} hold no ratings from {scale.low:g} to {scale.high:g}: not read."
    )
    piece.entry.issue("note", "not_ratings", message)
    return False


def _known_as(piece: Piece, long: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Ratings under the ids of the accounts: by id, by name, by a name that is spelled a little differently."""
    ids = set(known["account_id"].dropna())
    by_name = known.dropna(subset=["account_id", "account_name"])
    doubtful = by_name["account_name"][by_name["account_name"].duplicated(keep=False)]
    names = by_name.drop_duplicates("account_name").set_index("account_name")["account_id"]
    spelled: dict[str, str] = {}
    for name, account in names.items():
        spelled[spelling(name)] = "" if spelling(name) in spelled else account
    found: dict[tuple[str, str], str] = {}
    if known.empty:
        return long.assign(account_id=long["account_id"].fillna(long["account"]))
    said = long[["account_id", "account", "row"]].fillna("").drop_duplicates(["account_id", "account"])
    for account_id, account, row in said.itertuples(index=False):
        place = {"row": row, "value": account or account_id}
        ratings = int(((long["account_id"].fillna("") == account_id) & (long["account"].fillna("") == account)).sum())
        if account_id in ids:
            found[account_id, account] = account_id
        elif account in ids:
            found[account_id, account] = account
        elif account in names.index:
            found[account_id, account] = names[account]
            if account in set(doubtful):
                message = (
                    f"Several accounts are called '{account}': its {ratings:,} ratings count for {names[account]}."
                )
                piece.entry.issue("note", "ambiguous_account", message, **place)
        elif other := spelled.get(spelling(account)):
            found[account_id, account] = other
            message = (
                f"'{account}' ({ratings:,} ratings) is taken as the account {other}, spelled a little differently."
            )
            piece.entry.issue("repaired", "spelling", message, count=ratings, **place)
        else:
            found[account_id, account] = account_id or account
            near = get_close_matches(account, [str(name) for name in names.index], n=1, cutoff=0.6)
            guess = f" Did you mean '{near[0]}'?" if near else ""
            message = f"'{account}' is no account of these exports: its {ratings:,} ratings are kept but count nowhere.{guess}"
            piece.entry.issue("note", "unknown_account", message, **place)
    keys = zip(long["account_id"].fillna(""), long["account"].fillna(""), strict=True)
    return long.assign(account_id=pd.Series([found[key] for key in keys], index=long.index, dtype="str"))


def _dated(pieces: list[Piece], frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Ratings of several dated tables of accounts have the date of the first table that states them."""
    dates = [
        (piece.entry.as_of or piece.entry.filed) if piece.fit.table.kind == "accounts" else None for piece in pieces
    ]
    if len({date for date in dates if date is not None}) < 2:
        return frames
    last: dict[tuple[str, str], float] = {}
    dated = []
    for date, frame in zip(dates, frames, strict=True):
        if date is not None:
            keys = list(zip(frame["account_id"], frame["criterion"], strict=True))
            undated = frame["rated_on"].isna()
            same = [last.get(key) == rating for key, rating in zip(keys, frame["rating"], strict=True)]
            last |= dict(zip(keys, frame["rating"], strict=True))
            frame = frame.assign(rated_on=frame["rated_on"].fillna(date))[~(undated & np.array(same, dtype=bool))]
        dated.append(frame)
    return dated


def _say_rated_twice(pieces: list[Piece], ratings: pd.DataFrame, method: Methodology) -> None:
    """Ratings of one day that differ, by name; earlier ones are history and only counted."""
    names = {criterion.key: criterion.name["en"] for criterion in method.criteria}
    one = ["account_id", "criterion"]
    earlier = ratings.groupby([*one, "rated_on"], dropna=False)["piece"].last().groupby(one).size()
    if (earlier > 1).any():
        count = int((earlier - 1).sum())
        accounts = earlier[earlier > 1].index.get_level_values("account_id").nunique()
        pieces[int(ratings["piece"].iloc[-1])].entry.decide(
            f"{count:,} ratings of {accounts:,} accounts have a newer one: the newest by date counts, the others are history"
        )
    differing = ratings.groupby([*one, "rated_on"], dropna=False)["rating"].transform("nunique") > 1
    for (_, criterion), rows in ratings[differing].groupby(one, sort=False):
        if set(rows["kind"]) == {"accounts"} and rows["piece"].nunique() > 1:
            continue  # A later export of the CRM takes the place of an earlier one.
        for _, day in rows.groupby("rated_on", dropna=False):
            if day["rating"].nunique() < 2:
                continue
            stated = [
                f"{line.rating:g}" + (f" by {line.rated_by}" if isinstance(line.rated_by, str) else "")
                for line in day.itertuples()
            ]
            when = "" if pd.isna(day["rated_on"].iloc[0]) else f" on {day['rated_on'].iloc[0]:%Y-%m-%d}"
            last = day.iloc[-1]
            message = (
                f"{last['account']}, {names.get(str(criterion), criterion)} is rated more than once{when}:"
                f" {', '.join(stated)}. The last row counts, {last['rating']:g}."
            )
            entry = pieces[int(last["piece"])].entry
            entry.issue("contradiction", "rated_twice", message, row=float(last["row"]), value=str(last["account"]))


def rating_frame(
    pieces: list[Piece], method: Methodology, known: pd.DataFrame, until: pd.Timestamp | None = None
) -> pd.DataFrame | None:
    """`tables.RATINGS` of ratings tables, long or wide, and of accounts tables with rated criteria.

    Parameters
    ----------
    pieces
        Tables of accounts and of ratings, accounts first.
    method
        Names the criteria and the scale.
    known
        ``account_id`` and ``account_name`` of every account of the exports.
    until
        The date that the caller gave as "now": later ratings do not count, and this is said.

    Returns
    -------
    DataFrame or None
        None where no table holds ratings. Ratings outside the scale, words that are no rating, accounts rated twice
        or not known stand in the issues, by name.
    """
    criteria = criteria_of(method)
    used, frames = [], []
    for piece in pieces:
        long = _long(piece, criteria) if _means_ratings(piece, method) else None
        if long is None:
            continue
        unnamed = long.index[long["account_id"].isna() & long["account"].isna()].unique()
        if piece.fit.table.kind == "ratings":
            piece.entry.set_aside(unnamed, "missing_id", "The row names no account.")
        long = _known_as(piece, long.dropna(subset=["rating"]).drop(index=unnamed, errors="ignore"), known)
        frames.append(_read_ratings(piece, long, method).dropna(subset=["rating"]))
        used.append(piece)
    if not frames:
        return None
    frames = _dated(used, frames)
    parts = [frame.assign(piece=at, kind=used[at].fit.table.kind) for at, frame in enumerate(frames)]
    ratings = pd.concat(parts, ignore_index=True)
    if len(ratings):
        _say_rated_twice(used, ratings, method)
    later = ratings[ratings["rated_on"] > until] if until is not None else ratings.iloc[:0]
    for at, rows in later.groupby("piece"):
        message = f"{len(rows):,} ratings are dated after {until:%Y-%m-%d}, the date that was given: they do not count."
        used[int(str(at))].entry.issue("note", "rated_later", message)
    return ratings[["account_id", "criterion", "rating", *_WHO_AND_WHEN]]
