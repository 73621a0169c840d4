"""The data dictionary: every table's grain and columns, with kinds, units and meaning.

It feeds the documentation, the headings of the Excel workbook, the charts' checks and the tests.
Tables hold keys and numbers; words are added where a table is shown. The module is longer than the limit
because a dictionary is read by looking things up, and half of it in another file would have to be searched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .errors import ArgumentError, TableError, nearest

DTYPES = {
    "id": "str",
    "key": "str",
    "text": "str",
    "date": "datetime64[us]",
    "time": "datetime64[us]",
    "money": "float64",
    "rate": "float64",
    "days": "float64",
    "number": "float64",
    "count": "int64",
    "flag": "bool",
}
"""What a column of each kind is stored as. ``date`` is a midnight timestamp, ``rate`` a fraction 0–1
(value rates can exceed 1), ``days`` a duration, ``money`` in the book's one currency, ``id`` text."""

FORMATS = {
    "id": "@",
    "key": "@",
    "text": "@",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
    "money": "#,##0",
    "rate": "0.0%",
    "days": "#,##0.0",
    "number": "#,##0.##",
    "count": "#,##0",
    "flag": "@",
}
"""How Excel shows a column of each kind."""


@dataclass(frozen=True)
class Column:
    """One column: its name (the key of its heading), its kind and what it means."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One table: its name, what one row is, and its columns in order."""

    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column | None:
        """The declaration of a column; None for a column that is not declared (a grouping)."""
        return next((column for column in self.columns if column.name == name), None)


def _table(name: str, grain: str, *columns: tuple[str, str, str]) -> Table:
    return Table(name, grain, tuple(Column(*column) for column in columns))


_OPPORTUNITY_COLUMNS = (
    ("opportunity_id", "id", "The CRM's id, as text"),
    ("opportunity_name", "text", "What the opportunity is called"),
    ("account_id", "id", "The account's id; its name where the export has no id"),
    ("account_name", "text", "The account's name"),
    ("owner", "text", "The seller who owns it"),
    ("manager", "text", "The owner's manager"),
    ("team", "text", "The owner's team"),
    ("region", "text", "Region or territory"),
    ("segment", "key", "The account's class (A+, A, B, C, D, unrated)"),
    ("industry", "text", "The account's industry"),
    ("product", "text", "Product or product line"),
    ("pipeline", "text", "The pipeline or selling process it belongs to"),
    ("opportunity_type", "text", "New business, renewal …, as the team names it"),
    ("lead_source", "text", "Where it came from"),
    ("stage", "key", "The last stage of the methodology that it held; missing where it is not known"),
    ("stage_label", "text", "The stage as the export words it"),
    ("outcome", "key", "open, won or lost"),
    ("amount", "money", "Amount in the book's currency"),
    ("amount_original", "number", "Amount as exported, in `currency`"),
    ("currency", "key", "ISO code of `amount_original`"),
    ("probability", "rate", "The CRM's or seller's own win probability"),
    ("forecast_category", "key", "commit, best_case, pipeline, omitted or closed"),
    ("created_date", "date", "The day it was created"),
    ("close_date", "date", "Open: the expected day; won or lost: the day it was closed"),
    ("stage_entered_date", "date", "The day it entered its stage, where the export says"),
    ("last_activity_date", "date", "The last activity with the customer"),
    ("last_modified_date", "date", "The last change of the record"),
    ("next_step", "text", "The seller's next step"),
    ("loss_reason", "text", "Why it was lost"),
    ("push_count", "number", "How often the CRM counted a move of the close date"),
    ("contact_count", "number", "How many of the customer's people the CRM links to it"),
    ("source_file", "text", "File it was read from"),
    ("source_sheet", "text", "Sheet it was read from"),
    ("source_row", "number", "Row in that sheet, counted as Excel counts"),
)

OPPORTUNITIES = _table(
    "opportunities",
    "one opportunity as last seen",
    *_OPPORTUNITY_COLUMNS,
    ("last_seen", "date", "Date of the newest export that holds it"),
)
SNAPSHOTS = _table(
    "snapshots", "one opportunity in one export", ("as_of", "date", "Date of the export"), *_OPPORTUNITY_COLUMNS
)
ACCOUNTS = _table(
    "accounts",
    "one account",
    ("account_id", "id", "The CRM's id; the name where the export has no id"),
    ("account_name", "text", "The account's name"),
    ("parent_account", "text", "Id or name of the parent account"),
    ("owner", "text", "The seller who owns the account"),
    ("team", "text", "The owner's team"),
    ("region", "text", "Region or territory"),
    ("industry", "text", "Industry"),
    ("country", "text", "Country"),
    ("employees", "number", "Head count of the account"),
    ("company_revenue", "number", "The account's own turnover, as exported; not revenue with us"),
    ("current_revenue", "money", "Average annual revenue with us"),
    ("revenue_rule", "key", "Where it comes from: export, mean_of_years, won_last_12_months or none"),
    ("segment", "key", "Class: A+, A, B, C, D or unrated"),
    ("segment_source", "key", "export (as the file says) or computed"),
)
RATINGS = _table(
    "ratings",
    "one criterion of one account",
    ("account_id", "id", "The account"),
    ("criterion", "key", "Criterion key of the methodology"),
    ("rating", "number", "From poor to good on the methodology's scale"),
    ("rated_on", "date", "When, where the sheet says"),
    ("rated_by", "text", "Who, where the sheet says"),
)
HISTORY = _table(
    "history",
    "one recorded change of one opportunity; a missing field did not change",
    ("opportunity_id", "id", "The opportunity"),
    ("changed_at", "time", "When it changed, as precisely as the source says"),
    ("stage", "key", "Stage from then on"),
    ("stage_label", "text", "The stage as the source words it"),
    ("outcome", "key", "open, won or lost from then on"),
    ("amount", "money", "Amount from then on"),
    ("close_date", "date", "Close date from then on"),
    ("probability", "rate", "CRM probability from then on"),
    ("forecast_category", "key", "Forecast category from then on"),
    ("owner", "text", "Owner from then on"),
    ("source", "key", "history (a change log) or stage_dates (columns that date a stage)"),
    ("source_file", "text", "File it was read from"),
    ("source_row", "number", "Row in that file"),
)
QUOTAS = _table(
    "quotas",
    "one quota",
    ("owner", "text", "Seller; missing for a quota of a team or of all"),
    ("team", "text", "Team"),
    ("period", "key", "Period label, as 2026Q4"),
    ("quota", "money", "Amount to win in the period"),
)
EVIDENCE = _table(
    "evidence",
    "one statement about one piece of evidence of one opportunity",
    ("opportunity_id", "id", "The opportunity"),
    ("evidence", "key", "Evidence item of the methodology"),
    ("status", "key", "What the seller claims: yes, in_progress or no; missing where nothing is stated"),
    ("stated_by", "text", "Who claims it"),
    ("stated_on", "date", "When, where the sheet says, else the date of the export that holds it"),
    ("validation", "key", "What the manager found: yes, in_progress or no; missing where not validated"),
    ("validated_by", "text", "Who validated it"),
    ("validated_on", "date", "When, where the sheet says"),
    ("source_file", "text", "File it was read from"),
    ("source_row", "number", "Row in that file"),
)
ISSUES = _table(
    "issues",
    "one value or row that could not be taken as it stands",
    ("file", "text", "File name"),
    ("sheet", "text", "Sheet name; missing for text files"),
    ("row", "number", "Row as Excel counts; missing for a whole column or file"),
    ("column", "text", "Heading as in the file"),
    ("value", "text", "The raw text"),
    (
        "kind",
        "key",
        "repaired (understood another way), unreadable (left empty), set_aside (row not kept), contradiction, note",
    ),
    ("reason", "key", "What was wrong, as a key"),
    ("message", "text", "What was found and what was done, in a sentence"),
)
RECEIPT = _table(
    "receipt",
    "one table read from one sheet of one file",
    ("file", "text", "File name"),
    ("sheet", "text", "Sheet name; missing for text files"),
    ("table", "key", "opportunities, accounts, owners, ratings, history, quotas, evidence, products or ignored"),
    ("profile", "key", "The profile that fitted"),
    ("as_of", "date", "Date of the export"),
    ("as_of_source", "key", "report, file_name, newest_change or caller"),
    ("rows_in", "count", "Data rows found"),
    ("rows_kept", "count", "Rows taken"),
    ("rows_set_aside", "count", "Rows not taken; each is listed in the issues"),
    ("repaired", "count", "Values understood another way than written"),
    ("unreadable", "count", "Values left empty because they could not be read"),
    ("decisions", "text", "Choices made: encoding, delimiter, date order, currency, methodology …"),
)
ARCHIVE = _table(
    "archive",
    "one table of one file that an archive keeps",
    ("as_of", "date", "Date of the export"),
    ("as_of_source", "key", "report, file_name or caller; missing where the table states no date of its own"),
    ("file", "text", "File name as it was added"),
    ("sheet", "text", "Sheet name; missing for text files"),
    ("table", "key", "opportunities, accounts, owners, ratings, history, quotas, evidence or products"),
    ("rows_kept", "count", "Rows taken when it was added"),
    ("profile", "key", "The profile that fitted"),
    ("sha256", "id", "SHA-256 of the file"),
    ("entry", "text", "Folder of the archive that holds it"),
    ("replaced", "flag", "An export of the same date was added later and is taken instead"),
)
STAGE_LOG = _table(
    "stage_log",
    "one visit of one opportunity to one stage",
    ("opportunity_id", "id", "The opportunity"),
    ("visit", "count", "1, 2, 3 … in order of time"),
    ("stage", "key", "Stage"),
    ("entered", "date", "Day of entry; missing where only a single export shows the stage"),
    ("left", "date", "Day of exit; missing while open"),
    (
        "entered_after",
        "date",
        "The last export before the entry; set where only exports show it: `entered` is then the middle between the two",
    ),
    (
        "entered_seen_by",
        "date",
        "Seen by: the first export that shows the stage; missing where a source tells the day (it happened on `entered`)",
    ),
    ("left_after", "date", "The last export before the exit, where only exports show it"),
    ("left_seen_by", "date", "Seen by: the first export that shows the exit; missing where a source tells the day"),
    ("next", "key", "The stage that followed; missing where none did"),
    ("exit", "key", "advanced, regressed, won, lost or open (still there, or not seen again)"),
    ("days", "days", "left − entered; for an open visit up to the date last seen"),
    ("amount", "money", "Amount at entry where history exists, else the latest"),
    ("outcome", "key", "The opportunity's outcome: open, won or lost"),
    (
        "source",
        "key",
        "history, stage_dates, snapshots (a change is known to lie between two exports) or export (one look only)",
    ),
)

ACCOUNT_ASSESSMENT = _table(
    "account_assessment",
    "one criterion of one account",
    ("account_id", "id", "The account"),
    ("account_name", "text", "Its name"),
    ("group", "key", "Criteria group"),
    ("criterion", "key", "Criterion"),
    ("rating", "number", "From poor to good on the methodology's scale; missing where not rated"),
    ("group_potential", "rate", "Mean of the group's ratings, 0 (poor) to 1 (good)"),
    ("potential", "rate", "Mean of the groups; missing where a group has too few ratings"),
    ("criteria_rated", "count", "How many of the account's criteria are rated"),
)
ACCOUNT_SEGMENTS = _table(
    "account_segments",
    "one account",
    ("account_id", "id", "The account"),
    ("account_name", "text", "Its name"),
    ("owner", "text", "Account owner"),
    ("region", "text", "Region"),
    ("current_revenue", "money", "Average annual revenue with us"),
    ("revenue_rule", "key", "Where it comes from"),
    ("revenue_benchmark", "money", "From here on revenue counts as high"),
    ("benchmark_source", "key", "caller (agreed by the team), proposed (median of the accounts) or none"),
    ("revenue_level", "key", "high, low or unknown"),
    ("potential", "rate", "Future potential, 0–1"),
    ("potential_level", "key", "high, low or not_assessable"),
    ("criteria_rated", "count", "How many criteria are rated"),
    ("segment", "key", "The class that the grid gives"),
    ("segment_in_export", "key", "The class that the export states, if any"),
    ("resources", "key", "high, medium or low"),
    ("involvement", "key", "How to be involved"),
    ("strategy", "key", "What to do"),
    ("open_opportunities", "count", "Open opportunities of the account"),
    ("open_amount", "money", "Their amount"),
    ("won_amount", "money", "Amount won, all dates"),
)
STAGE_CONVERSION = _table(
    "stage_conversion",
    "one stage (and group)",
    ("stage", "key", "Stage"),
    ("counting", "key", "Counting rule: reached, visited, strict or any"),
    ("entered", "count", "Opportunities counted at the stage = advanced + lost + open"),
    ("advanced", "count", "Of these, went further or were won"),
    ("lost", "count", "Of these, lost without going further (visited: without going further after being here)"),
    ("open", "count", "Of these, still open, not advanced"),
    ("skipped_over", "count", "Passed the stage without a visit, where a stage history tells every visit"),
    ("regressed_from", "count", "Opportunities that moved from here to an earlier stage"),
    ("backward_moves", "count", "Moves from here to an earlier stage"),
    ("started_here", "count", "Began in this stage, where a source tells the beginning"),
    ("won_eventually", "count", "Of the entered, won by now"),
    ("lost_eventually", "count", "Of the entered, lost by now"),
    ("advance_rate", "rate", "advanced / (advanced + lost): resolved only; missing when none is"),
    ("wilson_low", "rate", "Lower end of its Wilson interval (80 %)"),
    ("wilson_high", "rate", "Upper end of its Wilson interval (80 %)"),
    ("advance_low", "rate", "advanced / entered: if no open deal ever advances"),
    ("advance_high", "rate", "(advanced + open) / entered: if every open deal does"),
    ("next_rate", "rate", "Counted at the next stage / counted here; exceeds 1 where more were there than here"),
    ("watched", "count", "Counted here, in the stage, and on a known day: those that the incidence by day is about"),
    ("within_days", "days", "Days since the first entry, up to which the incidence is told"),
    ("advance_by_day", "rate", "Advanced within these days (Aalen–Johansen); missing when fewer than 5 were followed"),
    ("by_day_low", "rate", "Lower end of its 80 % interval (delta method)"),
    ("by_day_high", "rate", "Upper end of its 80 % interval"),
    ("lost_by_day", "rate", "Lost within these days, the competing outcome"),
    ("undecided_by_day", "rate", "Neither within these days; the three add up to 1"),
    (
        "win_rate_resolved",
        "rate",
        "won / (won + lost) of the entered; a flow rate: do not multiply with today's pipeline",
    ),
    ("win_mean", "rate", "The same, shrunk towards the method's nominal (6 pseudo-deals)"),
    ("win_low", "rate", "Lower end of its 80 % interval"),
    ("win_high", "rate", "Upper end of its 80 % interval"),
    ("amount_entered", "money", "Amount of the entered (at the stage's entry where history exists, else the latest)"),
    ("amount_advanced", "money", "Amount of the advanced"),
    ("amount_lost", "money", "Amount of the lost"),
    ("amount_open", "money", "Amount of the open"),
    ("advance_rate_value", "rate", "By amount: amount_advanced / (amount_advanced + amount_lost)"),
    ("lost_stage_unknown", "count", "Lost opportunities whose last stage no source tells; counted at no stage"),
)
CONVERSION_TREND = _table(
    "conversion_trend",
    "one stage in two periods (and group)",
    ("stage", "key", "Stage"),
    ("counting", "key", "Counting rule: reached, visited, strict or any"),
    ("within_days", "days", "Only outcomes within so many days of the first entry count, in both periods alike"),
    ("period_before", "key", "The earlier period of first entry to the stage"),
    ("entered_before", "count", "Opportunities that entered in it"),
    ("followed_before", "count", "Of these, entered long enough ago to be followed for the days"),
    ("advanced_before", "count", "Of the followed, advanced within the days"),
    ("lost_before", "count", "Of the followed, lost within the days"),
    ("advance_rate_before", "rate", "advanced / (advanced + lost); missing when none is decided"),
    ("wilson_low_before", "rate", "Lower end of its Wilson interval (80 %)"),
    ("wilson_high_before", "rate", "Upper end of its Wilson interval (80 %)"),
    ("advance_by_day_before", "rate", "advanced / followed: also moves when opportunities only get slower"),
    ("period_after", "key", "The later period of first entry to the stage"),
    ("entered_after", "count", "As above, for the later period"),
    ("followed_after", "count", "As above, for the later period"),
    ("advanced_after", "count", "As above, for the later period"),
    ("lost_after", "count", "As above, for the later period"),
    ("advance_rate_after", "rate", "As above, for the later period"),
    ("wilson_low_after", "rate", "As above, for the later period"),
    ("wilson_high_after", "rate", "As above, for the later period"),
    ("advance_by_day_after", "rate", "As above, for the later period"),
    ("difference", "rate", "advance_rate_after − advance_rate_before, −1 to 1"),
    ("difference_low", "rate", "Lower end of its interval (80 %, Newcombe)"),
    ("difference_high", "rate", "Upper end of its interval (80 %, Newcombe)"),
    ("p_value", "rate", "Probability of so large a difference if nothing had changed (Fisher's exact test)"),
    ("p_adjusted", "rate", "The same, allowing for the number of stages looked at (Holm)"),
    ("could_be_chance", "flag", "The difference could be chance: p_adjusted is missing, or not below 20 %"),
)
CONVERSION_COHORTS = _table(
    "conversion_cohorts",
    "one quarter of creation at one age (and group)",
    ("cohort", "key", "Fiscal quarter of creation"),
    ("cohort_start", "date", "Its first day"),
    ("within_days", "days", "Age: days since the creation; only ages to which the whole quarter could be followed"),
    ("stage", "key", "What is reached: this stage or a later one; won"),
    ("opportunities", "count", "All created in the quarter"),
    ("reached", "count", "Of these, got there within the days"),
    ("reach_rate", "rate", "reached / opportunities"),
)
STAGE_TRANSITIONS = _table(
    "stage_transitions",
    "one next step from one stage (and group)",
    ("stage", "key", "Stage"),
    ("next", "key", "The stage that followed; won, lost, or open (still there)"),
    ("visits", "count", "Visits to the stage that ended so"),
    ("opportunities", "count", "Opportunities among them"),
    ("share", "rate", "visits / ended visits of the stage; missing for open"),
    ("amount", "money", "Amount of the visits, at entry where history exists, else the latest"),
)
STAGE_INCIDENCE = _table(
    "stage_incidence",
    "one stage on one day since the entry (and group)",
    ("stage", "key", "Stage"),
    ("counting", "key", "Counting rule: reached, visited, strict or any"),
    ("watched", "count", "Opportunities followed: counted at the stage, in it, on a known day"),
    ("days", "days", "Days since the first entry"),
    ("at_risk", "count", "Still followed and undecided just before"),
    ("advance_by_day", "rate", "Advanced by then (Aalen–Johansen)"),
    ("by_day_low", "rate", "Lower end of its 80 % interval (delta method)"),
    ("by_day_high", "rate", "Upper end of its 80 % interval"),
    ("lost_by_day", "rate", "Lost by then, the competing outcome"),
    ("undecided_by_day", "rate", "Neither by then; the three add up to 1"),
)
TIME_IN_STAGE = _table(
    "time_in_stage",
    "one stage (and group)",
    ("stage", "key", "Stage"),
    ("visits", "count", "Visits with a known day of entry"),
    ("open_visits", "count", "Of these, not ended yet: counted as censored, not as ended"),
    ("median_days", "days", "Kaplan–Meier median; missing when fewer than half have left"),
    ("median_low_days", "days", "Lower end of its 95 % interval (log-log)"),
    ("median_high_days", "days", "Upper end; missing when open"),
    ("p25_days", "days", "A quarter have left by then"),
    ("p75_days", "days", "Three quarters have left by then"),
    ("longest_days", "days", "Longest visit so far"),
    ("completed_median_days", "days", "Median of ended visits only: flatters, shown for comparison"),
    ("advancing_visits", "count", "Ended visits that advanced"),
    ("stall_days", "days", "80th percentile of advancing visits; missing with fewer than five"),
    ("stalled_opportunities", "count", "Open opportunities that have been here longer"),
)
WIN_RATES = _table(
    "win_rates",
    "one way of counting (and group)",
    ("rate", "key", "closed, created, created_mature, from_stage, by_day or overdue_as_lost"),
    ("stage", "key", "The stage it counts from, for from_stage"),
    ("within_days", "days", "The horizon, for created_mature and by_day"),
    ("opportunities", "count", "The denominator"),
    ("won", "count", "Won of these"),
    ("lost", "count", "Lost of these"),
    ("open", "count", "Open of these"),
    ("win_rate", "rate", "By count"),
    ("win_low", "rate", "Lower end of its 80 % interval (Wilson; Greenwood for by_day)"),
    ("win_high", "rate", "Upper end"),
    ("amount", "money", "Amount of the denominator"),
    ("amount_won", "money", "Amount won of it"),
    ("win_rate_value", "rate", "By amount"),
    ("without_amount", "count", "Opportunities in the denominator with amount 0 or blank: the value rate ignores them"),
)
SALES_VELOCITY = _table(
    "sales_velocity",
    "the team (or one group)",
    ("open_opportunities", "count", "Open opportunities"),
    ("win_rate", "rate", "won / (won + lost) of the closed"),
    ("mean_won_amount", "money", "Mean amount of the won"),
    ("mean_won_cycle_days", "days", "Mean created → closed of the won: survivor-biased"),
    ("median_cycle_days", "days", "Censoring-aware median of created → closed"),
    ("velocity", "money", "open × win rate × mean amount / cycle, per day: a ratio for trends, not a forecast"),
)
WEIGHTED_FORECAST = _table(
    "weighted_forecast",
    "open opportunities by period of close date (or another column)",
    ("period", "key", "Period of the close date; no_date, or the value of the column asked for"),
    ("period_start", "date", "First day"),
    ("period_end", "date", "Last day"),
    ("overdue", "flag", "The period ended before the book's date: close dates that need a new one"),
    ("opportunities", "count", "Open opportunities summed"),
    ("amount", "money", "Their unweighted amount"),
    ("weighted_nominal", "money", "Σ amount × the methodology's stage percentage"),
    ("weighted_crm", "money", "Σ amount × the CRM's or seller's own probability; missing where the export has none"),
    ("weighted_measured", "money", "Σ amount × measured probability of ever winning; missing without enough history"),
    ("without_crm", "count", "Opportunities without a CRM probability (not in weighted_crm)"),
    ("largest", "money", "Largest single amount"),
    ("weighted_nominal_without_largest", "money", "weighted_nominal without the three largest amounts"),
    ("placeholders", "count", "Opportunities with amount missing, negative, 0 or 1: listed, not summed"),
    ("omitted", "count", "Opportunities in the category omitted: listed, not summed"),
)
PIPELINE_CHANGES = _table(
    "pipeline_changes",
    "one cause, in order from opening to closing",
    (
        "cause",
        "key",
        "opening, new, reopened, pulled_in, increased, decreased, won, lost, pushed_out, moved_in, moved_out, currency_rate, vanished, closing",
    ),
    ("amount", "money", "Signed; the rows between opening and closing add up to closing − opening to the cent"),
    ("opportunities", "count", "Opportunities concerned"),
)
PIPELINE_CHANGE_LINES = _table(
    "pipeline_change_lines",
    "one cause of one opportunity",
    ("opportunity_id", "id", "The opportunity"),
    ("opportunity_name", "text", "Its name"),
    ("account_name", "text", "The account"),
    ("owner", "text", "The owner"),
    ("cause", "key", "As in pipeline_changes"),
    ("amount", "money", "Signed"),
    ("stage_before", "key", "Stage on the first date"),
    ("stage_after", "key", "Stage on the second date"),
    ("close_date_before", "date", "Close date on the first date"),
    ("close_date_after", "date", "Close date on the second date"),
)
PIPELINE_FLOW = _table(
    "pipeline_flow",
    "one cause between one date and the next, in order of time",
    ("since", "date", "First date of the step, at the end of the day"),
    ("until", "date", "Second date; the first of the next step"),
    ("cause", "key", "As in pipeline_changes"),
    ("amount", "money", "Signed; in each step opening + causes = closing to the cent"),
    ("opportunities", "count", "Opportunities concerned"),
)
PUSH_COUNTS = _table(
    "push_counts",
    "one opportunity",
    ("opportunity_id", "id", "The opportunity"),
    ("opportunity_name", "text", "Its name"),
    ("account_name", "text", "The account"),
    ("owner", "text", "The owner"),
    ("segment", "key", "The account's class"),
    ("stage", "key", "Stage"),
    ("outcome", "key", "open, won or lost"),
    ("amount", "money", "Amount"),
    ("close_date", "date", "Open: the expected day; won or lost: the day it was closed"),
    ("pushes", "count", "Moves of the close date to a later day, while open; several on one day are one"),
    ("period_pushes", "count", "Of these, into a later fiscal quarter"),
    ("quarters_pushed", "count", "Fiscal quarters by which these moved it, added up"),
    ("days_pushed", "days", "Days by which the pushes moved it, added up"),
    ("pulls", "count", "Moves to an earlier day"),
    ("days_pulled", "days", "Days by which the pulls moved it, added up"),
    ("crm_pushes", "number", "Pushes as the CRM counts them, where the export says"),
    ("lower_bound", "flag", "Only exports tell: pushes between two of them are hidden"),
    ("overdue", "flag", "Open with a close date in the past: a slip that nobody recorded"),
    ("overdue_days", "days", "Days since that close date"),
)
SLIPPAGE = _table(
    "slippage",
    "one period (and group)",
    ("period", "key", "Period"),
    ("opening", "date", "The day on which the pipeline at the start of the period is known"),
    ("due", "count", "Open on that day and due in the period"),
    ("won", "count", "Of these, won by the end of the period"),
    ("lost", "count", "Of these, lost by the end of the period"),
    ("slipped", "count", "Of these, not closed in the period and now due later, or closed later"),
    ("unmoved", "count", "Of these, still open with a close date that is not later"),
    ("vanished", "count", "Of these, in no later export"),
    ("slip_rate", "rate", "slipped / due"),
    ("amount_due", "money", "Amount of the due at the start"),
    ("amount_won", "money", "Of it, won by the end of the period, at the amount of the start"),
    ("amount_lost", "money", "Of it, lost by the end of the period"),
    ("amount_slipped", "money", "Of it, slipped"),
    ("amount_unmoved", "money", "Of it, unmoved"),
    ("amount_vanished", "money", "Of it, vanished"),
    ("slip_rate_value", "rate", "amount_slipped / amount_due"),
    ("opportunities", "count", "All opportunities: those that the pushes are about"),
    ("pushes", "count", "Moves of a close date to a later day, over all the dates of the book"),
    ("period_pushes", "count", "Of these, into a later fiscal quarter"),
    ("days_pushed", "days", "Days by which the pushes moved it, added up"),
    ("pulls", "count", "Moves to an earlier day"),
    ("pushed_opportunities", "count", "Opportunities pushed at least once"),
    ("lower_bound_opportunities", "count", "Of whom only exports tell: pushes between two of them are hidden"),
    ("overdue_opportunities", "count", "Open with a close date in the past: slips that nobody recorded"),
    ("overdue_amount", "money", "Their amount"),
)
OPPORTUNITY_INSPECTION = _table(
    "opportunity_inspection",
    "one finding of one open opportunity, the opportunities with most money at risk first",
    ("place", "count", "1 for the opportunity with most money at risk; the same in all its rows"),
    ("opportunity_id", "id", "The opportunity"),
    ("opportunity_name", "text", "Its name"),
    ("account_name", "text", "The account"),
    ("owner", "text", "The owner"),
    ("stage", "key", "The stage it is claimed to be in"),
    ("evidenced_stage", "key", "The stage that its evidence supports; not_evidenced: none; missing without evidence"),
    ("amount", "money", "Amount"),
    ("close_date", "date", "Expected close date"),
    ("finding", "key", "The rule of the methodology that speaks"),
    ("weight", "rate", "The rule's weight: share of the amount that it puts at risk"),
    ("threshold", "number", "The rule's threshold"),
    (
        "found",
        "number",
        "The number held against it: evidences missing, days overdue, pushes, days in stage, days without activity,"
        " the amount, days to the month's end, contacts or the share of the open pipeline",
    ),
    (
        "compared",
        "number",
        "What it is part of or held against: required evidences, the stall line in days, the open pipeline",
    ),
    ("finding_date", "date", "The day behind it: the close date, entry into the stage, the last activity"),
    ("missing", "text", "Keys of the missing evidence, separated by semicolons"),
    ("finding_at_risk", "money", "amount × weight of this finding"),
    ("amount_at_risk", "money", "Money at risk: amount × the largest weight of the opportunity's findings"),
)
EVIDENCED_PIPELINE = _table(
    "evidenced_pipeline",
    "one stage that an open opportunity can hold, then not_evidenced and unknown (and group)",
    ("stage", "key", "Stage; not_evidenced: not even the first is supported; unknown: the export names no stage"),
    ("claimed_opportunities", "count", "Open opportunities in the stage, as the CRM says"),
    ("claimed_amount", "money", "Their amount, without placeholders"),
    ("claimed_weighted", "money", "Σ amount × the methodology's percentage of the claimed stage"),
    ("evidenced_opportunities", "count", "Open opportunities whose evidence supports this stage and no later one"),
    ("evidenced_amount", "money", "Their amount"),
    ("evidenced_weighted", "money", "Σ amount × the percentage of the evidenced stage"),
    ("validated_opportunities", "count", "The same with evidence that a manager has validated only"),
    ("validated_amount", "money", "Their amount"),
    ("validated_weighted", "money", "Σ amount × the percentage of that stage"),
)
OUTLOOK = _table(
    "outlook",
    "one part of what will be won in the period",
    ("component", "key", "won, open, new_business or total"),
    ("period", "key", "Period"),
    ("opportunities", "number", "Won or open opportunities; expected number for new business"),
    ("mean", "money", "Expected amount"),
    ("p10", "money", "One in ten chances of less"),
    ("p25", "money", "One in four chances of less"),
    ("p50", "money", "As likely more as less"),
    ("p75", "money", "One in four chances of more"),
    ("p90", "money", "One in ten chances of more"),
    ("quota", "money", "Quota of the period, on the total row, where known"),
    ("p_quota", "rate", "Chance of reaching it"),
    ("method", "key", "What the book allowed: semi_markov, age_only, prior_only or insufficient_history"),
    ("basis_opportunities", "count", "Past opportunities it learned from"),
    ("basis_wins", "count", "Wins among them"),
    ("warnings", "text", "Warning keys, separated by blanks"),
)
OUTLOOK_OPPORTUNITIES = _table(
    "outlook_opportunities",
    "one open opportunity",
    ("opportunity_id", "id", "The opportunity"),
    ("opportunity_name", "text", "Its name"),
    ("account_name", "text", "The account"),
    ("owner", "text", "The owner"),
    ("segment", "key", "The account's class"),
    ("stage", "key", "Stage"),
    ("amount", "money", "Amount"),
    ("close_date", "date", "Expected close date"),
    ("days_in_stage", "days", "Days in the stage so far; missing where not known"),
    ("nominal", "rate", "The methodology's percentage"),
    ("crm", "rate", "The CRM's or seller's own probability"),
    ("probability", "rate", "Chance of being won within the period"),
    ("eventual_probability", "rate", "Chance of ever being won (within 24 months)"),
    ("expected", "money", "amount × probability × the mean ratio of won to earlier amounts (1 where none is known)"),
    ("base_opportunities", "count", "Past opportunities that stood in this stage at a like age"),
    ("base_wins", "count", "Of these, won within a like time"),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        OPPORTUNITIES, SNAPSHOTS, ACCOUNTS, RATINGS, HISTORY, QUOTAS, EVIDENCE, ISSUES, RECEIPT, ARCHIVE, STAGE_LOG,
        ACCOUNT_ASSESSMENT, ACCOUNT_SEGMENTS, STAGE_CONVERSION, CONVERSION_TREND, CONVERSION_COHORTS, STAGE_TRANSITIONS,
        STAGE_INCIDENCE, TIME_IN_STAGE, WIN_RATES, SALES_VELOCITY,
        WEIGHTED_FORECAST, PIPELINE_CHANGES, PIPELINE_CHANGE_LINES, PIPELINE_FLOW,
        PUSH_COUNTS, SLIPPAGE, OPPORTUNITY_INSPECTION, EVIDENCED_PIPELINE, OUTLOOK, OUTLOOK_OPPORTUNITIES,
    )
}  # fmt: skip
"""Every declared table by name."""


def conform(frame: pd.DataFrame, table: Table, *, keep_extra: bool = False) -> pd.DataFrame:
    """A copy with exactly the declared columns, in order and of the declared kinds.

    Parameters
    ----------
    frame
        Any frame; a declared column that it lacks is added empty (counts as 0, flags as False).
    table
        The declaration.
    keep_extra
        Keep columns that are not declared, after the declared ones.

    Examples
    --------
    >>> conform(pd.DataFrame({"quota": [5]}), QUOTAS).columns.tolist()
    ['owner', 'team', 'period', 'quota']
    """
    data: dict[str, pd.Series] = {}
    for column in table.columns:
        dtype = DTYPES[column.kind]
        if column.name in frame:
            values = frame[column.name]
            if dtype == "int64" and values.isna().any():
                values = values.fillna(0)
            data[column.name] = values.astype(dtype)
        else:
            empty: Any = 0 if dtype == "int64" else False if dtype == "bool" else None
            data[column.name] = pd.Series(empty, index=frame.index, dtype=dtype)
    result = pd.DataFrame(data, index=frame.index)
    if keep_extra:
        for name in frame.columns.difference(table.names, sort=False):
            result[name] = frame[name]
    return result


def declare(frame: pd.DataFrame, table: Table, context: Mapping[str, Any], *, by: str | None = None) -> pd.DataFrame:
    """The result of an analysis: declared columns in order, the grouping column first, context attached.

    Parameters
    ----------
    frame
        The computed rows.
    table
        Its declaration.
    context
        ``book.context``: currency, as_of and the methodology's words; kept in ``frame.attrs`` so that
        a chart can label what it draws.
    by
        Name of the grouping column, kept in front.
    """
    result = conform(frame, table).reset_index(drop=True)
    if by is not None and by not in table.names:
        result.insert(0, by, frame[by].to_numpy())
    result.attrs = {"table": table.name, "by": by, **context}
    return result


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The same frame, if it holds what a table promises.

    Raises
    ------
    TableError
        If a declared column is missing; the message names the nearest column and where such a table
        comes from.
    """
    missing = [name for name in table.names if name not in frame.columns]
    if missing:
        guess = nearest(missing[0], [str(column) for column in frame.columns])
        raise TableError(
            f"This is not a {table.name} table: it has no column '{missing[0]}'.{guess}"
            f" Pass what funnel_analytics.{table.name}(book) returns."
        )
    return frame


def group_column(frame: pd.DataFrame, table: Table) -> str | None:
    """The column an analysis was split by; None for the whole team."""
    extra = [str(name) for name in frame.columns if name not in table.names]
    return extra[0] if extra else None


def grouping(frame: pd.DataFrame, by: str | None) -> list[tuple[Any, pd.DataFrame]]:
    """(value, rows) for each value of a column in sorted order; one pair ``(None, frame)`` when by is None.

    A missing value is a group of its own, last, so that no row falls out of a split.

    Raises
    ------
    ArgumentError
        If there is no such column.
    """
    if by is None:
        return [(None, frame)]
    if by not in frame.columns:
        raise ArgumentError(f"There is no column '{by}' to split by.{nearest(by, [str(c) for c in frame.columns])}")
    groups = [(value, rows) for value, rows in frame.groupby(by, sort=True, dropna=True)]
    without = frame[frame[by].isna()]
    return [*groups, (None, without)] if len(without) else groups
