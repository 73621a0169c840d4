"""Real histories on which forecasts are replayed: renewable projects, loan applications, a hardware seller.

Each is a list of portfolios (name, book) with the periods to replay. None has sellers' own close dates: an
opportunity's is its creation plus the median days of the wins, imputed; percentages are invented. See SOURCE.txt
beside each data set.
"""

import csv
import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from funnel_analytics import Book, Parts, assemble
from funnel_analytics.forecast.record.replay import Span
from funnel_analytics.methodology import Methodology, parse_methodology

REGIONS = {
    "Scotland": "Scotland", "Northern Ireland": "Scotland", "South West": "South West", "Wales": "South West",
    "Eastern": "East", "East Midlands": "East", "South East": "South", "London": "South",
    "West Midlands": "North", "North West": "North", "North East": "North", "Yorkshire and Humber": "North",
}  # fmt: skip
"""Five portfolios of like size."""


def method(key: str, stages: dict[str, float]) -> Methodology:
    """A sales method of these stages, and a last one that means won."""
    rows = [{"key": name, "probability": share, "name": name} for name, share in stages.items()]
    data = {"key": key, "name": key, "stage": rows}
    return parse_methodology(data, key)


def spans(first: pd.Timestamp, last: pd.Timestamp, frequency: str | int) -> list[Span]:
    """Periods from a date to another: ``"Q"``, ``"M"`` or a number of days."""
    if isinstance(frequency, int):
        starts = pd.date_range(first, last - pd.Timedelta(days=frequency - 1), freq=f"{frequency}D")
        pairs = [(start, start + pd.Timedelta(days=frequency - 1)) for start in starts]
    else:
        pairs = [(period.start_time, period.end_time) for period in pd.period_range(first, last, freq=frequency)]
    return [Span(f"{start:%Y-%m-%d}", *(int(day.to_numpy().astype("datetime64[D]").astype(int)) for day in (start, end)))
            for start, end in pairs]  # fmt: skip


def book(events: pd.DataFrame, facts: pd.DataFrame, how: Methodology, as_of: pd.Timestamp) -> Book:
    """A book of a change log.

    Parameters
    ----------
    events
        opportunity_id, changed_at, stage, outcome, amount.
    facts
        One row per opportunity: opportunity_id, created_date.
    how
        The sales method.
    as_of
        Later events are left out.
    """
    events = events[events["changed_at"] <= as_of].sort_values(["opportunity_id", "changed_at"], kind="stable")
    facts = facts[facts["opportunity_id"].isin(events["opportunity_id"])].set_index("opportunity_id")
    won = events[events["outcome"] == "won"].groupby("opportunity_id")["changed_at"].last()
    cycle = (won - facts["created_date"].reindex(won.index)).median()
    first = ~events.duplicated("opportunity_id")
    due = events["opportunity_id"].map(facts["created_date"]) + cycle
    events = events.assign(close_date=due.dt.normalize().where(first))
    last = events.groupby("opportunity_id")[["stage", "outcome", "amount", "close_date"]].last()
    last["outcome"] = last["outcome"].fillna("open")
    closed = events[events["outcome"].isin(["won", "lost"])].groupby("opportunity_id")["changed_at"].last()
    last["close_date"] = closed.dt.normalize().reindex(last.index).fillna(last["close_date"])
    rows = facts.join(last).reset_index().assign(as_of=as_of)
    return assemble(Parts(snapshots=rows, history=events), methodology=how, as_of=as_of)


def renewables(shared: Path, kind: str) -> tuple[list[tuple[str, Book]], list[Span]]:
    """UK planning register, January 2023: ``"consent"`` ends with the permission, ``"build"`` with operation."""
    frame = pd.read_csv(
        shared / "data/real/uk_repd/repd-2023-01.csv", encoding="utf-8-sig", low_memory=False, dtype=str
    )
    frame = frame.drop_duplicates("Ref ID")
    size = pd.to_numeric(frame["Installed Capacity (MWelec)"], errors="coerce")
    frame = frame[
        (size <= 150) & (size > 0) & ~frame["Technology Type"].str.contains("Offshore") & frame["Region"].isin(REGIONS)
    ]
    dates = {
        name: pd.to_datetime(frame[name], format="%d/%m/%Y", errors="coerce").astype("datetime64[us]")
        for name in (
            "Planning Application Submitted", "Planning Application Withdrawn", "Planning Permission Refused",
            "Appeal Lodged", "Appeal Withdrawn", "Appeal Refused", "Appeal Granted", "Planning Permission Granted",
            "Planning Permission Expired", "Under Construction", "Operational",
        )
    }  # fmt: skip
    granted = dates["Planning Permission Granted"].fillna(dates["Appeal Granted"])
    lost = pd.concat(
        [dates["Planning Application Withdrawn"], dates["Appeal Withdrawn"], dates["Appeal Refused"],
         dates["Planning Permission Refused"].where(dates["Appeal Lodged"].isna())], axis=1
    ).max(axis=1)  # fmt: skip
    lodged, built = dates["Appeal Lodged"], dates["Operational"]
    created = dates["Planning Application Submitted"]
    if kind == "consent":
        how = method(kind, {"Submitted": 0.5, "Appeal": 0.3})
        turns = [("Submitted", None, created), ("Appeal", None, lodged), (None, "lost", lost.where(granted.isna())),
                 (None, "won", granted)]  # fmt: skip
    else:
        how = method(kind, {"Submitted": 0.3, "Appeal": 0.2, "Granted": 0.6, "Construction": 0.9})
        expired = dates["Planning Permission Expired"].where(built.isna() & dates["Under Construction"].isna())
        end = lost.where(granted.isna()).fillna(expired)
        turns = [("Submitted", None, created), ("Appeal", None, lodged), ("Granted", None, granted),
                 ("Construction", None, dates["Under Construction"]), (None, "lost", end), (None, "won", built)]  # fmt: skip
    parts = [
        pd.DataFrame(
            {"opportunity_id": frame["Ref ID"], "changed_at": at, "stage": stage, "outcome": outcome, "turn": turn}
        )
        for turn, (stage, outcome, at) in enumerate(turns)
    ]
    amounts = size[frame.index].set_axis(frame["Ref ID"])
    events = pd.concat([part.dropna(subset=["changed_at"]) for part in parts], ignore_index=True)
    events["amount"] = events["opportunity_id"].map(amounts).where(events["turn"] == 0)
    # An event dated before the application, or after the closing, is a slip of the register.
    start = created.set_axis(frame["Ref ID"])
    events = events[events["changed_at"] >= events["opportunity_id"].map(start)]
    closing = events[events["outcome"].notna()].groupby("opportunity_id")["changed_at"].max()
    limit = events["opportunity_id"].map(closing)
    events = events[limit.isna() | (events["changed_at"] <= limit)].sort_values(
        ["opportunity_id", "changed_at", "turn"]
    )
    facts = pd.DataFrame(
        {"opportunity_id": frame["Ref ID"], "created_date": created, "region": frame["Region"].map(REGIONS)}
    )
    facts = facts.dropna(subset=["created_date"])
    as_of = pd.Timestamp("2022-12-31")
    books = [
        (name, book(events[events["opportunity_id"].isin(rows["opportunity_id"])], rows, how, as_of))
        for name, rows in facts.groupby("region")
    ]
    return books, spans(pd.Timestamp("2006-01-01"), as_of, "Q")


def loans(shared: Path) -> tuple[list[tuple[str, Book]], list[Span]]:
    """Loan applications of half a year: eight disjoint parts, periods of 14 days."""
    folder = shared / "data/real/loan_applications"
    amounts = pd.read_csv(folder / "bpic2012_cases.csv", dtype={"case_id": str}).set_index("case_id")[
        "amount_requested"
    ]
    with gzip.open(folder / "bpic2012_state_events.csv.gz", "rt") as file:
        rows = [(row["case_id"], row["activity"], row["timestamp"][:19]) for row in csv.DictReader(file)]
    log = pd.DataFrame(rows, columns=["opportunity_id", "activity", "changed_at"])
    log["changed_at"] = pd.to_datetime(log["changed_at"]).astype("datetime64[us]")
    turns = {
        "A_ACCEPTED": ("Accepted", None), "A_FINALIZED": ("Finalised", None), "O_SENT": ("Offered", None),
        "O_SENT_BACK": ("Returned", None), "A_APPROVED": (None, "won"), "A_DECLINED": (None, "lost"),
        "A_CANCELLED": (None, "lost"),
    }  # fmt: skip
    log = log[log["activity"].isin(turns)]
    start = log[log["activity"] == "A_ACCEPTED"].groupby("opportunity_id")["changed_at"].min()
    log = log[log["opportunity_id"].isin(start.index)].reset_index(drop=True)
    log["stage"] = log["activity"].map({key: stage for key, (stage, _) in turns.items()})
    log["outcome"] = log["activity"].map({key: outcome for key, (_, outcome) in turns.items()})
    log["amount"] = log["opportunity_id"].map(amounts).where(log["activity"] == "A_ACCEPTED").astype("float64")
    how = method("loans", {"Accepted": 0.3, "Finalised": 0.35, "Offered": 0.4, "Returned": 0.7})
    facts = pd.DataFrame({"opportunity_id": start.index, "created_date": start.to_numpy()})
    facts["created_date"] = facts["created_date"].dt.normalize()
    part = facts["opportunity_id"].astype(int).rank().astype(int) % 8
    as_of = pd.Timestamp("2012-03-13")
    books = [
        (str(name), book(log[log["opportunity_id"].isin(rows["opportunity_id"])], rows, how, as_of))
        for name, rows in facts.groupby(part)
    ]
    return books, spans(pd.Timestamp("2011-10-01"), as_of, 14)


def maven(shared: Path) -> tuple[list[tuple[str, Book]], list[Span]]:
    """An invented hardware seller: six managers' portfolios, month by month."""
    folder = shared / "data/real/maven"
    opportunities = pd.read_csv(folder / "sales_pipeline.csv").dropna(subset=["engage_date"])
    prices = pd.read_csv(folder / "products.csv").set_index("product")["sales_price"]
    managers = pd.read_csv(folder / "sales_teams.csv").set_index("sales_agent")["manager"]
    opportunities["price"] = opportunities["product"].replace("GTXPro", "GTX Pro").map(prices).astype("float64")
    engaged = pd.to_datetime(opportunities["engage_date"], format="%m/%d/%Y").astype("datetime64[us]")
    closed = pd.to_datetime(opportunities["close_date"], format="%m/%d/%Y").astype("datetime64[us]")
    begin = pd.DataFrame({"opportunity_id": opportunities["opportunity_id"], "changed_at": engaged, "stage": "Engaging",
                          "outcome": None, "amount": opportunities["price"]})  # fmt: skip
    won = opportunities["deal_stage"] == "Won"
    end = pd.DataFrame({"opportunity_id": opportunities["opportunity_id"], "changed_at": closed, "stage": None,
                        "outcome": np.where(won, "won", "lost"), "amount": opportunities["close_value"].where(won)})  # fmt: skip
    events = pd.concat([begin, end[opportunities["deal_stage"].isin(["Won", "Lost"])]], ignore_index=True)
    facts = pd.DataFrame({"opportunity_id": opportunities["opportunity_id"], "created_date": engaged})
    facts["manager"] = opportunities["sales_agent"].map(managers)
    as_of = pd.Timestamp("2017-12-31")
    how = method("maven", {"Engaging": 0.4})
    books = [
        (str(name), book(events[events["opportunity_id"].isin(rows["opportunity_id"])], rows, how, as_of))
        for name, rows in facts.groupby("manager")
    ]
    return books, spans(pd.Timestamp("2016-11-01"), as_of, "M")
