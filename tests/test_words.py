"""The words: equal keys and placeholders in three languages, and a word for whatever a table can hold."""

import re
from string import Formatter

import numpy as np
import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.book import DIMENSIONS
from funnel_analytics.errors import ArgumentError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.methodology import builtin_methodologies, load_methodology
from funnel_analytics.methodology_parts import EFFORT_RULES, INSPECTION_RULES
from funnel_analytics.words import cell, date, label, language, money, number, percent, short_number, word, word_keys

VALUES = {
    "outcome": ["open", "won", "lost"],
    "exit": ["advanced", "regressed", "won", "lost", "open"],
    "forecast_category": ["commit", "best_case", "pipeline", "omitted", "closed"],
    "revenue_rule": ["export", "mean_of_years", "won_last_12_months", "none"],
    "segment_source": ["export", "computed"],
    "benchmark_source": ["caller", "proposed", "none"],
    "revenue_level": ["high", "low", "unknown"],
    "potential_level": ["high", "low", "not_assessable"],
    "resources": ["high", "medium", "low"],
    "segment": ["unrated"],
    "history source": ["history", "stage_dates"],
    "stage_log source": ["history", "stage_dates", "snapshots", "export"],
    "kind": ["repaired", "unreadable", "set_aside", "contradiction", "note"],
    "table": ["opportunities", "accounts", "owners", "ratings", "history", "quotas", "calls", "evidence", "products", "ignored"],
    "as_of_source": ["report", "file_name", "newest_change", "caller"],
    "counting": ["reached", "visited", "strict", "any"],
    "rate": ["closed", "created", "created_mature", "from_stage", "by_day", "overdue_as_lost"],
    "period": ["no_date"],
    "cause": [
        "opening", "new", "reopened", "pulled_in", "increased", "decreased", "won", "lost", "pushed_out",
        "moved_in", "moved_out", "currency_rate", "vanished", "closing",
    ],
    "component": ["won", "open", "new_business", "total"],
    "method": ["semi_markov", "age_only", "prior_only", "insufficient_history", "outlook", "nominal", "crm",
               "stage_win_rate", "commit", "last_period", "mean_of_periods"],
    "rung": ["semi_markov", "age_only", "prior_only", "insufficient_history"],
    "status": ["yes", "in_progress", "no"],
    "finding": list(INSPECTION_RULES),
    "effort finding": list(EFFORT_RULES),
    "evidenced_stage": ["not_evidenced", "unknown"],
    "moved_by": ["by_ratings", "by_revenue", "by_both", "unmoved"],
    "flag": ["yes", "no"],
    "coverage status": ["covered", "short", "quota_met", "missed", "no_quota", "zero_quota"],
    "rolled up": [
        "won", "won_commit", "won_commit_best_case", "won_commit_best_case_pipeline", "commit", "commit_best_case",
        "commit_best_case_pipeline", "best_case", "pipeline", "omitted",
    ],
    "counted": ["summed", "placeholder", "omitted"],
    "horizon": ["first_day", "week_3", "week_5", "week_9", "week_14", "week_27", "all", "before", "first_third", "second_third", "last_third", "after_end", "undated"],
    "role": ["seller", "manager"],
    "direction": ["over", "under", "even"],
    "standing": ["won", "open", "lost", "untouched", "scored", "pending", "replaced", "ranked", "too_few", "nothing_won"],
    "reading": ["base", "claimed", "evidenced", "validated"],
}  # fmt: skip
NAMED_BY_THE_EXPORT = {
    "segment_after",
    "segment_before",
    "cohort",
    "currency",
    "period",
    "period_after",
    "period_before",
    "profile",
    "segment",
    "segment_in_export",
}
"""Key columns whose values are their own words in every language (2026Q4, EUR, A+)."""


FORMS = re.compile(r"\{(\w+)\|[^{}]*\}")


def placeholders(text: str) -> set[str]:
    named = {f"{name}:{spec}" for _, name, spec, _ in Formatter().parse(FORMS.sub("", text)) if name is not None}
    # What has a form for 1 is said as a number, too.
    assert set(FORMS.findall(text)) <= {name.partition(":")[0] for name in named}, text
    return named


def encodes(sign: str, encoding: str) -> bool:
    try:
        return bool(sign.encode(encoding))
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_the_same_keys(lang: str) -> None:
    assert set(word_keys(lang)) ^ set(word_keys("en")) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty(lang: str) -> None:
    assert [key for key in word_keys(lang) if not word(key, lang).strip()] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_the_same_placeholders(lang: str) -> None:
    other = [key for key in word_keys("en") if placeholders(word(key, lang)) != placeholders(word(key, "en"))]
    assert other == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_charts_have_the_same_title(lang: str) -> None:
    titles = [word(key, lang) for key in word_keys(lang) if key.startswith("charts.") and key.endswith(".title")]
    assert sorted(titles) == sorted(set(titles))


def test_english_sentences_have_a_form_for_one() -> None:
    counted = (
        "rows|files|notebooks|opportunities|accounts|days|times|changes|calls|people|values|ratings|criteria|quarters"
    )
    plural = re.compile(rf"(?<!of )\b1 (?:(?!by )[a-z]+ )?(?:{counted})\b")
    never_one = {"charts.win_rates.created_mature", "charts.win_rates.by_day", "charts.conversion_trend.rule"}
    never_one |= {"charts.call_accuracy.rule"}
    said = {key: re.findall(r"\{(\w+)", word(key, "en")) for key in word_keys("en") if "{key}" not in word(key, "en")}
    ones = {key: word(key, "en", **dict.fromkeys(names, 1)) for key, names in said.items() if names}
    assert {key: text for key, text in ones.items() if plural.search(text) and key not in never_one} == {}
    assert ones["reviews.vanished_line"].startswith("1 opportunity was open")
    assert word("reviews.vanished_line", "en", count="1,200").startswith("1,200 opportunities were open")


@pytest.mark.parametrize(("lang", "encoding"), [("zh-Hans", "gb2312"), ("zh-Hant", "big5")])
def test_chinese_texts_are_written_in_their_own_script(lang: str, encoding: str) -> None:
    # GB 2312 has no traditional and Big5 no simplified characters.
    strange = {
        key: sign
        for key in word_keys(lang)
        for sign in word(key, lang)
        if "\u4e00" <= sign <= "\u9fff" and not encodes(sign, encoding)
    }
    assert strange == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_table_column_and_dimension_has_a_heading(lang: str) -> None:
    columns = {name for table in tables.TABLES.values() for name in [table.name, *table.names]} | set(DIMENSIONS)
    assert [name for name in sorted(columns) if f"tables.{name}" not in word_keys(lang)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", list(tables.TABLES))
def test_no_two_columns_of_a_table_have_the_same_heading(name: str, lang: str) -> None:
    headings = [word(f"tables.{column}", lang) for column in tables.TABLES[name].names]
    assert sorted(heading for heading in set(headings) if headings.count(heading) > 1) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_column_is_called_like_a_stage_of_the_method(lang: str) -> None:
    headings = {word(f"tables.{column}", lang) for table in tables.TABLES.values() for column in table.names}
    assert headings & {stage.name[lang] for stage in load_methodology().stages} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_of_effort_and_every_reason_for_a_gap_has_a_sentence(lang: str) -> None:
    gaps = ("no_revenue", "zero_revenue", "no_amounts", "none_closed", "no_activity_dates")
    assert {f"effort.{key}" for key in (*EFFORT_RULES, *gaps)} <= set(word_keys(lang))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("column", list(VALUES))
def test_every_value_that_a_column_can_hold_has_a_word_of_its_own(column: str, lang: str) -> None:
    words = [word(f"values.{value}", lang) for value in VALUES[column]]
    assert len(set(words)) == len(words)


def test_every_key_in_the_tables_of_a_book_has_a_chinese_word() -> None:
    book = team_book(80)
    found = [
        book.opportunities, book.accounts, book.history, book.stage_log, book.quotas, fa.account_assessment(book),
        fa.account_segments(book), fa.stage_conversion(book), fa.time_in_stage(book), fa.win_rates(book),
        fa.pipeline_changes(book), fa.pipeline_change_lines(book), fa.weighted_forecast(book),
        fa.conversion_trend(book), fa.stage_transitions(book), fa.stage_incidence(book), fa.conversion_cohorts(book),
        fa.stage_survival(book), fa.pipeline_ageing(book),
        fa.pipeline_flow(book), fa.push_counts(book), fa.slippage(book),
        book.evidence,
        fa.opportunity_inspection(book), fa.evidenced_pipeline(book),
        fa.pipeline_coverage(book), fa.weighted_forecast_opportunities(book), fa.evidenced_outlook(book, draws=50),
        fa.account_plan(book), fa.account_profile(book, "A1"), fa.segment_effort(book), fa.whitespace(book),
        fa.segment_changes(fa.load_sample()), fa.segment_change_lines(fa.load_sample()),
        fa.outlook(book, draws=50), fa.outlook_opportunities(book),
    ]  # fmt: skip
    declared = [
        tables.OPPORTUNITIES, tables.ACCOUNTS, tables.HISTORY, tables.STAGE_LOG, tables.QUOTAS,
        tables.ACCOUNT_ASSESSMENT, tables.ACCOUNT_SEGMENTS, tables.STAGE_CONVERSION, tables.TIME_IN_STAGE,
        tables.WIN_RATES, tables.PIPELINE_CHANGES, tables.PIPELINE_CHANGE_LINES, tables.WEIGHTED_FORECAST,
        tables.CONVERSION_TREND, tables.STAGE_TRANSITIONS, tables.STAGE_INCIDENCE, tables.CONVERSION_COHORTS,
        tables.STAGE_SURVIVAL, tables.PIPELINE_AGEING,
        tables.PIPELINE_FLOW, tables.PUSH_COUNTS, tables.SLIPPAGE,
        tables.EVIDENCE, tables.OPPORTUNITY_INSPECTION, tables.EVIDENCED_PIPELINE,
        tables.PIPELINE_COVERAGE, tables.WEIGHTED_FORECAST_OPPORTUNITIES, tables.EVIDENCED_OUTLOOK,
        tables.ACCOUNT_PLAN, tables.ACCOUNT_PROFILE, tables.SEGMENT_EFFORT, tables.WHITESPACE, tables.SEGMENT_CHANGES,
        tables.SEGMENT_CHANGE_LINES, tables.OUTLOOK, tables.OUTLOOK_OPPORTUNITIES,
    ]  # fmt: skip
    assert [frame.attrs.get("table", table.name) for frame, table in zip(found, declared, strict=True)] == [
        table.name for table in declared
    ]
    without = [
        (table.name, column.name, value)
        for frame, table in zip(found, declared, strict=True)
        for column in table.columns
        if column.kind in ("key", "keys") and column.name not in NAMED_BY_THE_EXPORT
        for value in frame[column.name].dropna().unique()
        if value and cell(value, column.kind, "zh-Hans", table=frame) == value
    ]
    assert without == []


def test_words_of_the_method_that_made_a_table_come_first() -> None:
    table = pd.DataFrame({"stage": ["won"]})
    table.attrs["words"] = {"won": {"en": "Signed", "zh-Hans": "已签", "zh-Hant": "已簽"}}
    assert (label("won", "zh-Hans", table=table), label("won", "zh-Hans")) == ("已签", "已赢单")


@pytest.mark.parametrize("key", builtin_methodologies())
def test_a_stage_of_any_built_in_method_has_a_chinese_word_without_its_table(key: str) -> None:
    method = fa.load_methodology(key)
    assert all(label(stage, "zh-Hant") != stage for stage in method.stage_keys)


def test_an_unknown_word_or_language_names_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"Did you mean 'tables\.amount'"):
        word("tables.amuont")
    with pytest.raises(ArgumentError, match="Did you mean 'zh-Hans'"):
        language("zh-Hens")
    assert language("ZH_hant") == "zh-Hant"


@pytest.mark.parametrize("value", [None, np.nan, float("nan")])
def test_a_missing_number_is_a_dash_everywhere(value: float | None) -> None:
    shown = {
        number(value),
        percent(value),
        short_number(value),
        money(value, "EUR"),
        cell(value, "money"),
        label(value),
    }
    assert shown == {"–"}


@pytest.mark.parametrize(
    ("value", "en", "simplified", "traditional"),
    [
        (0, "0", "0", "0"),
        (999, "999", "999", "999"),
        (1_500, "1.5k", "1,500", "1,500"),
        (18_400_000, "18.4M", "1,840万", "1,840萬"),
        (-250_000_000, "−250M", "−2.5亿", "−2.5億"),
        (9.638e13, "96.4T", "96.4万亿", "96.4兆"),
    ],
)
def test_large_numbers_are_said_as_each_language_says_them(
    value: float, en: str, simplified: str, traditional: str
) -> None:
    assert [short_number(value, lang) for lang in LANGUAGES] == [en, simplified, traditional]


def test_a_half_is_rounded_as_excel_does_and_0_has_no_sign() -> None:
    # 1 of 8 is 12.5%: the chart of a deck says 13%.
    assert [percent(1 / 8), percent(0.145), percent(-1 / 8), percent(-0.001)] == ["13%", "15%", "−13%", "0%"]
    assert [number(value) for value in (0.5, 2.5, -0.4, 1e16, float("inf"))] == [
        "1", "3", "0", "10,000,000,000,000,000", "inf"
    ]  # fmt: skip
    assert short_number(2_250_000) == "2.3M"


def test_cells_are_shown_by_the_kind_of_their_column() -> None:
    assert cell(True, "flag", "zh-Hant") == "是"
    assert cell(2.5, "number") == "2.5"
    assert cell(3.0, "number") == "3"
    assert cell("Deploy", "key", "zh-Hant") == "實施"
    assert cell("Deploy", "text", "zh-Hant") == "Deploy"
    assert cell(pd.Timestamp("2026-11-04 08:05"), "time") == "2026-11-04 08:05"
    assert date(pd.Timestamp("2026-11-04"), "zh-Hant") == "2026年11月4日"


def test_a_cell_of_several_keys_is_shown_in_words_and_a_sentence_in_its_place_stays() -> None:
    assert cell("+close_date -age", "keys", "zh-Hans") == "+预计成交日期 −商机存续时间"
    assert cell("few_wins no_close_dates", "keys", "zh-Hant").endswith(" 進行中的商機都沒有預計成交日期。")
    assert cell("low_pipeline; idle", "keys", "zh-Hans") == "进行中金额偏少；近期没有活动"
    assert cell("", "keys") == ""
    said = "The open pipeline EUR 1 is only 0% of a year's revenue; won"
    assert cell(said, "keys") == said
    own = pd.DataFrame({"weakest": ["pain"]})
    own.attrs["words"] = {"pain": {"en": "pain"}, "fit": {"en": "Fit"}}
    assert cell("pain; fit", "keys", "en", table=own) == "pain; Fit"
