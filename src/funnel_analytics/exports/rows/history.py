"""Rows of a change log, in any of its layouts, as `tables.HISTORY`.

A log names the stage from then on, or the stage before and after, or a field with its old and new value.
"""

import numpy as np
import pandas as pd

from ..profiles.labels import Labels, label_key, vocabulary
from ..values import parsing
from .columns import Piece, column
from .opportunities import flags_outcome

_FLAGS = ("is_won", "is_lost", "is_closed")
_CREATED = "created"
_NAMED_BY = ("opportunity_name", "account_name", "created_date")
"""What tells opportunities apart in a log without ids, one after the other."""


_SAME_CHANGE = ["opportunity_id", "changed_at", "stage_label", "outcome", "amount", "close_date", "owner"]


def _read_values(piece: Piece, texts: pd.Series, key: str, heading: str) -> pd.Series:
    """Old or new values of one field, as that field's kind."""
    readers = {"amount": parsing.parse_money, "probability": parsing.parse_probability}
    if key == "close_date":
        parsed = parsing.parse_dates(texts, order=piece.order, utc_offset=piece.fit.profile.utc_offset)
    elif key in _FLAGS:
        parsed = parsing.parse_flag(texts)
    else:
        parsed = readers.get(key, parsing.parse_text)(texts)
    piece.entry.issues_of(parsed.problems, heading)
    piece.entry.decide(*(f"{heading} ({key.replace('_', ' ')}): {decision}" for decision in parsed.decisions))
    if parsed.question:
        piece.entry.issue("note", "question", parsed.question, column=heading)
    return parsed.values


def _fields(piece: Piece) -> pd.DataFrame:
    """A log of field, old and new value, spread over one column per field.

    What a field held before its first change stands in ``first_<field>``, in the row of that change.
    """
    frame = piece.frame
    words = {label_key(name): key for key, names in vocabulary()["history_fields"].items() for name in names}
    fields = frame["field"].map({text: words.get(label_key(text)) for text in frame["field"].dropna().unique()})
    other = frame.index[fields.isna()]
    message = "A change of a field that the analyses do not use."
    piece.entry.set_aside(other, "other_field", message, frame["field"])
    frame, fields = frame.drop(index=other), fields.drop(index=other).astype("str")
    in_time = frame.sort_values("changed_at", kind="stable").index
    for key in map(str, fields.unique()):
        rows = fields.index[fields == key]
        if key == _CREATED:
            frame[_CREATED] = pd.Series(True, index=rows).reindex(frame.index).fillna(False)
            continue
        read = _read_values(piece, frame.loc[rows, "new_value"], key, piece.fit.columns["new_value"])
        frame[key] = read.reindex(frame.index)
        if "old_value" in frame and key not in _FLAGS:
            ordered = frame.loc[in_time[in_time.isin(rows)]]
            first = ordered.index[~ordered["opportunity_id"].duplicated()]
            old = _read_values(piece, frame.loc[first, "old_value"], key, piece.fit.columns["old_value"])
            frame[f"first_{key}"] = old.reindex(frame.index)
    if any(name in frame for name in _FLAGS):
        frame["outcome"] = column(frame, "outcome").fillna(flags_outcome(frame).astype("str"))
    return frame


def _oldest_first(piece: Piece) -> pd.DataFrame:
    """The rows in order of time; those of one moment in the file's order, turned round where it is newest first.

    What happens in one moment is otherwise taken in order of the stages; here the file knows better, so that the
    later changes of a moment are set a microsecond after the first: no analysis counts in less than days.
    """
    frame = piece.frame
    steps = frame["changed_at"].diff().dropna().dt.total_seconds()
    if (steps < 0).sum() > (steps > 0).sum():
        frame = frame[::-1]
    frame = frame.sort_values("changed_at", kind="stable")
    turn = frame.groupby(["opportunity_id", "changed_at"]).cumcount()
    if turn.any():
        piece.entry.decide(f"{int((turn > 0).sum()):,} changes of one moment follow each other as in the file")
    return frame.assign(changed_at=frame["changed_at"] + pd.to_timedelta(turn, unit="us"))


def _moves(piece: Piece) -> pd.DataFrame:
    """A log of stages before and after: where both are the same, only the amount or the date was edited."""
    frame = _oldest_first(piece)
    begins = ~frame["opportunity_id"].duplicated()
    edited = (frame["from_stage"] == frame["stage"]) & ~begins
    if edited.any():
        piece.entry.decide(f"{int(edited.sum()):,} rows keep the stage: read as changes of amount or date only")
    return frame.assign(first_stage=frame["from_stage"].where(begins), stage=frame["stage"].mask(edited))


def _beginnings(piece: Piece, frame: pd.DataFrame, opportunities: pd.DataFrame) -> pd.DataFrame:
    """What each opportunity held before its first recorded change, from the day of creation."""
    names = [name for name in frame if str(name).startswith("first_")]
    held = frame.dropna(subset=names, how="all")
    # Every value stands in the row of its own field's first change.
    first = held.groupby("opportunity_id")[names].first().rename(columns=lambda name: str(name)[len("first_") :])
    rows = pd.Series(held.index, index=held["opportunity_id"])
    first["source_row"] = rows[~rows.index.duplicated()].reindex(first.index).astype("float64")
    created = pd.Series(pd.NaT, index=first.index, dtype="datetime64[us]")
    if _CREATED in frame:
        made = frame[frame[_CREATED]].drop_duplicates("opportunity_id").set_index("opportunity_id")
        created = created.fillna(made["changed_at"].reindex(first.index))
    for source in (frame, opportunities):
        if "created_date" in source:
            known = source.dropna(subset=["created_date"]).drop_duplicates("opportunity_id")
            known = known.set_index("opportunity_id")
            created = created.fillna(known["created_date"].reindex(first.index).astype("datetime64[us]"))
    # A report may date the creation later than the first change (an import): the value was held before it.
    earliest = frame.groupby("opportunity_id")["changed_at"].min().reindex(first.index)
    undated, late = int(created.isna().sum()), int((created > earliest).sum())
    if undated:
        piece.entry.decide(f"what {undated:,} opportunities held before their first change has no date: not taken")
    if late:
        piece.entry.decide(f"{late:,} opportunities changed before their day of creation: their first change counts")
        created = created.mask(created > earliest, earliest)
    return first.assign(changed_at=created)[created.notna().to_numpy()].reset_index(names="opportunity_id")


def name_opportunities(piece: Piece, opportunities: pd.DataFrame, what: str = "change") -> None:
    """Ids for a table that only knows names, where one opportunity alone has the name.

    Parameters
    ----------
    piece
        The typed rows.
    opportunities
        The opportunities.
    what
        What a row is, for the message.
    """
    frame, entry = piece.frame, piece.entry
    if "opportunity_id" in frame:
        missing = frame.index[frame["opportunity_id"].isna()]
        entry.set_aside(missing, "missing_id", f"The {what} names no opportunity.")
        piece.frame = frame.drop(index=missing)
        return
    ids = pd.Series(None, index=frame.index, dtype="str")
    used: list[str] = []
    for name in _NAMED_BY:
        if name not in frame or name not in opportunities or not ids.isna().any():
            continue
        used.append(name)
        keys = [_compound(table, used) for table in (opportunities, frame)]
        known = pd.DataFrame({"key": keys[0], "id": opportunities["opportunity_id"]}).dropna().drop_duplicates()
        alone = known[~known["key"].duplicated(keep=False)].set_index("key")["id"]
        ids = ids.fillna(keys[1].map(alone).astype("str"))
    by = " and ".join(name.replace("_", " ") for name in used)
    entry.decide(f"no column of ids: matched by {by}")
    frame["opportunity_id"] = ids
    missing = frame.index[ids.isna()]
    message = f"No opportunity, or more than one, has this name ({by}): the {what} cannot be assigned."
    entry.set_aside(missing, "name_not_unique", message, column(frame, "opportunity_name"))
    piece.frame = frame.drop(index=missing)


def _compound(table: pd.DataFrame, names: list[str]) -> pd.Series:
    """Several fields as one key; missing where one of them is."""
    texts = [
        table[name].dt.strftime("%Y-%m-%d") if name == "created_date" else table[name].str.strip() for name in names
    ]
    key = texts[0].astype("str")
    for text in texts[1:]:
        key = key + "\n" + text.astype("str")
    return key


def _read_stages(piece: Piece, frame: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Stage and outcome of each row, as far as its stage's label says."""
    words = column(frame, "stage")
    read = labels.read(words)

    def said(label: str, count: int) -> str:
        return f"Stage '{label}' of the change log is not known ({count:,} rows): left empty."

    heading = piece.fit.columns.get("stage") or piece.fit.columns.get("new_value")
    piece.entry.unreadable_texts("unknown_stage", words[~read["known"]], said, heading)
    return read.assign(label=words)


def _meanings(piece: Piece, frame: pd.DataFrame, name: str, known: dict[str, str]) -> pd.Series:
    """Statuses or forecast categories as keys; words that are neither are reported."""
    words = column(frame, name)
    keys = words.map({text: known.get(label_key(text)) for text in words.dropna().unique()}).astype("str")

    def said(text: str, count: int) -> str:
        return f"'{text}' of the change log is no {name.replace('_', ' ')} that is known ({count:,} rows): left empty."

    heading = piece.fit.columns.get(name) or piece.fit.columns.get("new_value")
    piece.entry.unreadable_texts(f"unknown_{name}", words[words.notna() & keys.isna()], said, heading)
    return keys


def _say_unlisted(piece: Piece, opportunities: pd.DataFrame) -> None:
    ids = piece.frame["opportunity_id"]
    other = ids[~ids.isin(opportunities["opportunity_id"])]
    if len(other):
        message = (
            f"{len(other):,} changes are of {other.nunique():,} opportunities that no table of opportunities lists, as"
            f" '{other.iloc[0]}': check whether the export of opportunities is complete."
        )
        piece.entry.issue("note", "unlisted_opportunity", message, row=float(other.index[0]), value=str(other.iloc[0]))


def history_rows(piece: Piece, labels: Labels, opportunities: pd.DataFrame) -> pd.DataFrame:
    """A change log as `tables.HISTORY`; its receipt says what was set aside.

    Parameters
    ----------
    piece
        The typed rows.
    labels
        What stage and status words mean.
    opportunities
        The opportunities, for logs that name them without an id.
    """
    name_opportunities(piece, opportunities)
    _say_unlisted(piece, opportunities)
    frame, entry = piece.frame, piece.entry
    undated = frame.index[frame["changed_at"].isna()]
    entry.set_aside(undated, "missing_date", "The change has no date that can be read.", frame["opportunity_id"])
    piece.frame = frame = frame.drop(index=undated)
    if "field" in frame and "new_value" in frame:
        frame = _fields(piece)
    elif "from_stage" in frame and "stage" in frame:
        frame = _moves(piece)
    added = _beginnings(piece, frame, opportunities) if any(str(name).startswith("first_") for name in frame) else None
    frame = frame.assign(source_row=np.asarray(frame.index, dtype="float64"))
    read = _read_stages(piece, frame, labels)
    ignored = frame.index[read["ignored"]]
    entry.set_aside(ignored, "ignored_stage", "The profile passes over this label.", read["label"])
    frame, read = frame.drop(index=ignored), read.drop(index=ignored)
    if added is not None and len(added):
        before = labels.read(column(added, "stage"))
        read = pd.concat([before.assign(label=column(added, "stage")), read], ignore_index=True)
        frame = pd.concat([added, frame], ignore_index=True)
    outcomes = _meanings(piece, frame, "outcome", dict(labels.outcomes))
    frame = frame.assign(stage=read["stage"], stage_label=read["label"], outcome=read["outcome"].fillna(outcomes))
    if "forecast_category" in frame:
        frame["forecast_category"] = _meanings(piece, frame, "forecast_category", dict(labels.categories))
    return frame.assign(source="history", source_file=entry.file)


def joined_logs(frames: list[pd.DataFrame], logs: list[Piece]) -> pd.DataFrame | None:
    """The changes of several logs, those that stand in two of them once; None where there are none.

    Parameters
    ----------
    frames
        What `history_rows` gave for each log, then changes from elsewhere.
    logs
        The logs.
    """
    # Files of two days can have one name.
    frames = [frame.assign(log=log) for log, frame in enumerate(frames) if len(frame)]
    if not frames:
        return None
    history = pd.concat(frames, ignore_index=True)
    same = [name for name in _SAME_CHANGE if name in history]
    first = history.groupby(same, dropna=False)["log"].transform("first")
    repeated = history.duplicated(same) & (history["log"] != first)
    for log, piece in enumerate(logs):
        rows = history.loc[repeated & (history["log"] == log), "source_row"]
        piece.entry.set_aside(pd.Index(rows), "repeated", "The same change stands in another file.")
    return history[~repeated]


def say_later_changes(history: pd.DataFrame, logs: list[Piece], newest: pd.Timestamp) -> None:
    """Changes after the newest export are none of the book: nothing says how all others then stood.

    Parameters
    ----------
    history
        What `joined_logs` gave.
    logs
        The logs.
    newest
        The day of the newest export.
    """
    late = history[history["changed_at"] >= newest + pd.Timedelta(days=1)]
    for log, piece in enumerate(logs):
        rows = late[late["log"] == log]
        if len(rows):
            message = (
                f"{len(rows):,} changes are later than the newest export of opportunities, of {newest:%Y-%m-%d}: they are"
                " left out. Export the opportunities again, or say the day with as_of= (--as-of)."
            )
            piece.entry.issue("note", "later_changes", message, row=float(rows["source_row"].iloc[0]), count=len(rows))
