"""What a book holds: the canonical tables of the exports, their receipt and archive, and the stage log."""

from .declaration import table

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
    ("url", "text", "Address of its page in the CRM, as exported or made of its id"),
    ("source_file", "text", "File it was read from"),
    ("source_sheet", "text", "Sheet it was read from"),
    ("source_row", "number", "Row in that sheet, counted as Excel counts"),
)

OPPORTUNITIES = table(
    "opportunities",
    "one opportunity as last seen",
    *_OPPORTUNITY_COLUMNS,
    ("last_seen", "date", "Date of the newest export that holds it"),
)
SNAPSHOTS = table(
    "snapshots", "one opportunity in one export", ("as_of", "date", "Date of the export"), *_OPPORTUNITY_COLUMNS
)
RECORDS = table(
    "records",
    "one row of an export of opportunities, as read",
    ("as_of", "date", "Date of the export"),
    *(
        ("opportunity_id", "id", "The id as the export states it; missing where it states none")
        if column[0] == "opportunity_id"
        else column
        for column in _OPPORTUNITY_COLUMNS
    ),
    ("reason", "key", "Why it is not among the opportunities (duplicate_id); missing where it is"),
)
ACCOUNTS = table(
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
    ("url", "text", "Address of its page in the CRM, as exported or made of its id"),
)
ACCOUNT_SNAPSHOTS = table(
    "account_snapshots",
    "one account in one dated table of accounts",
    ("as_of", "date", "Date of the table"),
    ("account_id", "id", "The account"),
    ("account_name", "text", "Its name"),
    ("current_revenue", "money", "Average annual revenue with us, as stated then"),
    ("revenue_rule", "key", "Where it comes from: export, mean_of_years or none"),
)
RATINGS = table(
    "ratings",
    "one criterion of one account",
    ("account_id", "id", "The account"),
    ("criterion", "key", "Criterion key of the methodology"),
    ("rating", "number", "From poor to good on the methodology's scale"),
    ("rated_on", "date", "When, where the sheet says"),
    ("rated_by", "text", "Who, where the sheet says"),
)
HISTORY = table(
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
QUOTAS = table(
    "quotas",
    "one quota",
    ("owner", "text", "Seller; missing for a quota of a team or of all"),
    ("team", "text", "Team"),
    ("period", "key", "Period label, as 2026Q4"),
    ("quota", "money", "Amount to win in the period"),
)
CALLS = table(
    "calls",
    "one call: what somebody said on a day would be won in a period",
    ("owner", "text", "The seller whose business it is about; missing for a team's or the whole's"),
    ("team", "text", "The team it is about, where the sheet says"),
    ("role", "key", "Whose call: seller or manager"),
    ("called_by", "text", "Who made it, where the sheet says"),
    ("period", "key", "Period label, as 2026Q4"),
    ("called_on", "date", "When, where the sheet says, else the date of its file; missing where neither does"),
    ("call", "money", "Amount said to be won in the whole period, what was won by then included"),
    ("source_file", "text", "File it was read from"),
    ("source_row", "number", "Row in that file"),
)
EVIDENCE = table(
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
ISSUES = table(
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
    ("message", "message", "What was found and what was done, in a sentence"),
)
RECEIPT = table(
    "receipt",
    "one table read from one sheet of one file",
    ("file", "text", "File name"),
    ("sheet", "text", "Sheet name; missing for text files"),
    ("table", "key", "opportunities, accounts, owners, ratings, history, quotas, calls, evidence, products or ignored"),
    ("profile", "key", "The profile that fitted"),
    ("as_of", "date", "Date of the export"),
    ("as_of_source", "key", "report, file_name, newest_change or caller"),
    ("rows_in", "count", "Data rows found"),
    ("rows_kept", "count", "Rows taken"),
    ("rows_set_aside", "count", "Rows not taken; each is listed in the issues"),
    ("repaired", "count", "Values understood another way than written"),
    ("unreadable", "count", "Values left empty because they could not be read"),
    ("decisions", "message", "Choices made: encoding, delimiter, date order, currency, methodology …"),
)
ARCHIVE = table(
    "archive",
    "one table of one file that an archive keeps",
    ("as_of", "date", "Date of the export"),
    ("as_of_source", "key", "report, file_name or caller; missing where the table states no date of its own"),
    ("file", "text", "File name as it was added"),
    ("sheet", "text", "Sheet name; missing for text files"),
    ("table", "key", "opportunities, accounts, owners, ratings, history, quotas, calls, evidence or products"),
    ("rows_kept", "count", "Rows taken when it was added"),
    ("profile", "key", "The profile that fitted"),
    ("sha256", "id", "SHA-256 of the file"),
    ("entry", "text", "Folder of the archive that holds it"),
    ("replaced", "flag", "An export of the same date was added later and is taken instead"),
)
STAGE_LOG = table(
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
