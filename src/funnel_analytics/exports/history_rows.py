"""Rows of a change log, in any of its layouts, as `tables.HISTORY`.

A log names the stage from then on, or the stage before and after, or a field with its old and new value.
"""

import numpy as np
import pandas as pd

from .columns import Piece
from .labels import Labels, label_key, vocabulary
from .opportunity_rows import column
from .values import parse_dates, parse_money, parse_probability, parse_text


def _fields(piece: Piece) -> pd.DataFrame:
    """A log of field, old and new value, spread over one column per field."""
    frame = piece.frame
    words = {label_key(name): key for key, names in vocabulary()["history_fields"].items() for name in names}
    fields = frame["field"].map({text: words.get(label_key(text)) for text in frame["field"].dropna().unique()})
    other = frame.index[fields.isna()]
    message = "A change of a field that the analyses do not use."
    piece.entry.set_aside(other, "other_field", message, frame["field"])
    frame, fields = frame.drop(index=other), fields.drop(index=other).astype("str")
    heading = piece.fit.columns["new_value"]
    readers = {"amount": parse_money, "close_date": parse_dates, "probability": parse_probability}
    for key in fields.unique():
        texts = frame.loc[fields == key, "new_value"].rename(heading)
        parsed = readers.get(str(key), parse_text)(texts)
        piece.entry.issues_of(parsed.problems, heading)
        frame[str(key)] = parsed.values.reindex(frame.index)
    return frame


def _first_stages(frame: pd.DataFrame) -> pd.DataFrame:
    """The stage before the first recorded move, from the day of creation."""
    first = frame.sort_values("changed_at", kind="stable").drop_duplicates("opportunity_id")
    first = first[first["from_stage"].notna() & first["created_date"].notna()]
    return pd.DataFrame(
        {
            "opportunity_id": first["opportunity_id"],
            "changed_at": first["created_date"],
            "stage": first["from_stage"],
            "source_row": np.asarray(first.index, dtype="float64"),
        }
    )


def _named(piece: Piece, deals: pd.DataFrame) -> None:
    """Ids for a log that only knows names, where one opportunity alone has the name."""
    frame, entry = piece.frame, piece.entry
    if "opportunity_id" not in frame:
        names = deals.drop_duplicates("opportunity_id").dropna(subset=["opportunity_name"])
        alone = names[~names["opportunity_name"].duplicated(keep=False)].set_index("opportunity_name")["opportunity_id"]
        frame["opportunity_id"] = column(frame, "opportunity_name").map(alone).astype("str")
        entry.decide("no column of ids: matched by the opportunity's name")
        missing = frame.index[frame["opportunity_id"].isna()]
        message = "No opportunity, or more than one, has this name: the change cannot be assigned."
        entry.set_aside(missing, "name_not_unique", message, column(frame, "opportunity_name"))
    else:
        missing = frame.index[frame["opportunity_id"].isna()]
        entry.set_aside(missing, "missing_id", "The change names no opportunity.")
    piece.frame = frame.drop(index=missing)


def history_rows(piece: Piece, labels: Labels, deals: pd.DataFrame) -> pd.DataFrame:
    """A change log as `tables.HISTORY`; its receipt says what was set aside.

    Parameters
    ----------
    piece
        The typed rows.
    labels
        What stage and status words mean.
    deals
        The opportunities, for logs that name them without an id.
    """
    _named(piece, deals)
    frame, entry = piece.frame, piece.entry
    undated = frame.index[frame["changed_at"].isna()]
    entry.set_aside(undated, "missing_date", "The change has no date that can be read.", frame["opportunity_id"])
    piece.frame = frame.drop(index=undated)
    frame = _fields(piece) if "field" in piece.frame and "new_value" in piece.frame else piece.frame
    frame = frame.assign(source_row=np.asarray(frame.index, dtype="float64"))
    added = _first_stages(frame) if "from_stage" in frame and "created_date" in frame else pd.DataFrame()
    words = column(frame, "stage")
    read = labels.read(words)
    ignored = frame.index[read["ignored"]]
    entry.set_aside(ignored, "ignored_stage", "The profile passes over this label.", words)
    for label, count in words[~read["known"]].value_counts().items():
        row = float(words.index[words == label][0])
        message = f"Stage '{label}' of the change log is not known ({count:,} rows): left empty."
        heading = piece.fit.columns.get("stage") or piece.fit.columns.get("new_value")
        entry.issue("unreadable", "unknown_stage", message, row=row, column=heading, value=str(label), count=int(count))
    frame = frame.drop(index=ignored)
    status = column(frame, "outcome")
    outcomes = status.map({text: labels.outcomes.get(label_key(text)) for text in status.dropna().unique()})
    frame["stage_label"], frame["stage"] = words, read["stage"]
    frame["outcome"] = read["outcome"].reindex(frame.index).fillna(outcomes.astype("str"))
    if "forecast_category" in frame:
        category = frame["forecast_category"]
        meaning = {text: labels.categories.get(label_key(text)) for text in category.dropna().unique()}
        frame["forecast_category"] = category.map(meaning).astype("str")
    if len(added):
        before = labels.read(added["stage"])
        added = added.assign(stage_label=added["stage"], stage=before["stage"], outcome=before["outcome"])
        frame = pd.concat([added, frame], ignore_index=True)
    return frame.assign(source="history", source_file=entry.file)
