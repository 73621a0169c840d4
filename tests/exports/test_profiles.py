"""What a profile can say: which file is whose, and the odd ways of single CRMs, each in TOML only."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from funnel_analytics.book import Book
from funnel_analytics.errors import ProfileError
from funnel_analytics.exports.profiles.profile import builtin_profiles, heading_key, load_profile, parse_profile
from funnel_analytics.periods import FiscalCalendar

from .layouts import LAYOUTS, METHOD, Layout

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def read(folder: Path, text: str, name: str = "deals.csv") -> Book:
    (folder / name).write_text(text, encoding="utf-8")
    return fa.read_exports(folder, as_of="2026-06-30", methodology="large_account")


def profile_of(book: Book) -> str:
    [profile] = book.receipt.loc[book.receipt["table"] == "opportunities", "profile"].unique()
    return str(profile)


# --- which file is whose ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", builtin_profiles())
def test_no_heading_of_a_table_means_two_things(profile: str) -> None:
    shared = {("loss_reason", "outcome"), ("outcome", "loss_reason")}  # Dynamics' Status Reason says both
    for table in builtin_profiles()[profile].tables.values():
        owner: dict[str, str] = {}
        for name, headings in table.columns.items():
            for heading in headings:
                key = builtin_profiles()[profile].heading(heading)
                assert owner.setdefault(key, name) == name or (owner[key], name) in shared, (profile, heading)


def test_hand_made_sheets_and_the_sample_stay_with_the_general_profiles() -> None:
    assert profile_of(fa.read_exports(SAMPLE / "zh-Hans")) == "generic_zh_hans"
    assert profile_of(fa.read_exports(SAMPLE)) == "salesforce_report"


@pytest.mark.parametrize(
    ("headings", "profile"),
    [
        ("Deal - Title,Deal - Organisation,Deal - Stage,Deal - Value,Deal - Expected close date", "pipedrive"),
        ("Deal - Title*,Organization*,Deal - Stage (pipeline)*,Deal - Value*,Deal - Expected close date", "pipedrive"),
        ("Potential Name,Company Name,Stage,Amount,Closing Date", "zoho"),
        ("Deal Name,Company Name,Deal Stage,Amount,Close Date", "hubspot"),
        ("Topic,Client,Pipeline Phase,TCV,Close Date", "dynamics365"),
        ("Topic,Account,Sales Stage,Est. Revenue,Est. Close Date", "dynamics365"),
        ("id,lead_name,status_label,value_formatted,expected_date", "close"),
        ("OptyNumber,TargetPartyName,SalesStage,Revenue,EffectiveDate", "generic_en"),
        ("Name,Lead Name,Stage,Amount,Close Date", "generic_en"),
        ("商机名,企业名称,跟进阶段,商机金额,预估签约时间", "generic_zh_hans"),
        ("商机名称,客户名称,销售阶段,商机金额,预计结单日期", "fxiaoke"),
        ("商机名称,客户名称,商机阶段,预计成交金额,预计成交时间", "generic_zh_hans"),
        ("机会名称,客户名称,销售阶段,销售金额,结单日期", "xiaoshouyi"),
        ("业务机会名称,客户名,阶段,金额,结束日期", "salesforce_report_zh_hans"),
        ("業務機會名稱,帳戶名稱,階段,金額,結束日期", "salesforce_report_zh_hant"),
        ("商機名稱,帳戶名稱,銷售階段,金額(元),預計成交日", "generic_zh_hant"),
        ("Project,Customer,Phase,Value,Due Date", "generic_en"),
        ("Opportunity,Customer,Stage,Expected Revenue,Expected Closing", "odoo"),
        ("name,partner_id/name,stage_id/name,expected_revenue,date_deadline", "odoo"),
        ("Chance,Kunde,Phase,Erwarteter Umsatz,Erwarteter Abschluss", "odoo"),
        ("商机,客户,阶段,预期收入,预期结束", "odoo"),
        ("Opportunity Name,Organization,Pipeline Stage,Bid Amount,Forecast Close Date", "generic_en"),
        ("Title,Customer,Current Stage,Projected Total,Anticipated Close", "generic_en"),
        ("Name,Sales Account,Deal Stage,Deal Value in Base Currency,Expected Close Date", "generic_en"),
        ("Opportunity Name,Organisation,Milestone,Value,Expected Close", "generic_en"),
        ("商机标题,企业名称,商机阶段,预计签单金额,预计成单时间", "generic_zh_hans"),
        ("销售机会,所属客户,项目阶段,商机预计金额,预计赢单日期", "generic_zh_hans"),
    ],
)
def test_headings_seen_in_real_files_lead_to_their_profile(tmp_path: Path, headings: str, profile: str) -> None:
    book = read(tmp_path, f"{headings}\nBridge,Acme,Proof,500,2026-12-01\nTower,Contoso,Solution,700,2026-11-01\n")
    assert profile_of(book) == profile
    rows = book.opportunities.sort_values("amount")
    assert rows["stage"].tolist() == ["Proof", "Solution"] and rows["amount"].tolist() == [500, 700]
    assert rows["account_name"].tolist() == ["Acme", "Contoso"]
    assert rows["close_date"].dt.month.tolist() == [12, 11]


def test_the_expected_revenue_of_other_crms_is_weighted_and_no_amount(tmp_path: Path) -> None:
    rows = "Opportunity Name,Account Name,Stage,Expected Revenue,Close Date\nBridge,Acme,Proof,500,2026-12-01\n"
    book = read(tmp_path, rows)
    assert book.opportunities["amount"].isna().all()
    assert "No column of amounts was found" in " ".join(book.issues["message"])


# --- the odd ways of single CRMs -------------------------------------------------------------------------------


def test_an_interface_dump_of_fxiaoke(tmp_path: Path) -> None:
    """Label beside code, dates as local midnight in milliseconds, amounts as text, records that are not valid."""
    # 1782835200000 is 2026-06-30 16:00 in UTC: 1 July in China.
    book = read(
        tmp_path,
        "_id,name,amount,close_date,account_id,account_id__r,sales_stage,sales_stage__r,sales_status,sales_status__r,"
        "create_time,owner,owner__r,life_status,field_rU4l5__c\n"
        "64a1,Alpha,1200000.00,1782835200000,5fc1,Acme,2,证明价值,1,进行中,1767196800000,1001,王芳,normal,x\n"
        "64a2,Beta,300.50,1782835200000,5fc2,远景,9,机会确认,4,无效,1767196800000,1001,王芳,normal,y\n"
        "64a3,Gamma,9,1782835200000,5fc2,远景,9,机会确认,1,进行中,1767196800000,1001,王芳,invalid,z\n",
    )
    rows = book.opportunities
    assert profile_of(book) == "fxiaoke_api"
    assert rows["opportunity_id"].tolist() == ["64a1", "64a2"]
    assert rows["stage"].tolist() == ["Proof", "Qualify"] and rows["outcome"].tolist() == ["open", "lost"]
    assert rows["amount"].tolist() == [1_200_000.0, 300.5] and rows["owner"].tolist() == ["王芳", "王芳"]
    assert rows["close_date"].tolist() == [pd.Timestamp("2026-07-01")] * 2
    assert rows["created_date"].tolist() == [pd.Timestamp("2026-01-01")] * 2
    aside = book.issues[book.issues["reason"] == "not_valid"]
    assert aside["value"].tolist() == ["invalid"] and aside["kind"].tolist() == ["set_aside"]
    assert "columns not read: sales_stage" in str(book.receipt["decisions"].iloc[0]) or "sales_stage" in str(
        book.issues["column"].tolist()
    )


def test_midnights_of_elsewhere_are_a_question_where_no_time_zone_is_declared(tmp_path: Path) -> None:
    lines = "".join(f"{number},Acme,Proof,5,{1782835200000 + number * 86400000}\n" for number in range(4))
    book = read(tmp_path, "Opportunity ID,Account,Stage,Amount,Close Date\n" + lines)
    question = book.issues.query("reason == 'question'")
    assert question["column"].tolist() == ["Close Date"] and "16:00 in UTC" in question["message"].iloc[0]
    assert book.opportunities["close_date"].min() == pd.Timestamp("2026-06-30")


def test_each_column_has_its_own_unit(tmp_path: Path) -> None:
    text = "商机名称,客户名称,商机阶段,预计金额（万元）,币种,客户预计投资计划(元),预计成交日期\nA,Acme,证明价值,12.5,人民币,7,2026-12-01\n"
    rows = read(tmp_path, text).opportunities
    assert rows["amount"].tolist() == [125_000.0]
    plain = read(tmp_path, text.replace("（万元）", "（元）")).opportunities
    assert plain["amount"].tolist() == [12.5]


def test_the_wide_export_of_a_warehouse(tmp_path: Path) -> None:
    """Full-width brackets, a mark behind the heading, a status that is only given when it is lost."""
    book = read(
        tmp_path,
        "业务机会编码,销售机会名称,业务机会所有人名称,客户名,金额(万元),币种,预计下单日期,创建日期,预测类别（*）,客户采购阶段,取消/丢单,"
        "丢单/取消日期,丢单/取消原因说明,大区,是否活动中\n"
        "C1,甲,王芳,远景,12,人民币,2026-12-01,2026-01-02,承诺,证明价值,,,,华东,是\n"
        "C2,乙,王芳,远景,3,人民币,2026-12-01,2026-01-02,忽略,机会确认,丢单,2026-05-05,价格,华东,否\n",
    )
    rows = book.opportunities
    assert rows["outcome"].tolist() == ["open", "lost"] and rows["amount"].tolist() == [120_000.0, 30_000.0]
    assert rows["forecast_category"].tolist() == ["commit", "omitted"]
    assert rows["close_date"].tolist() == [pd.Timestamp("2026-12-01"), pd.Timestamp("2026-05-05")]
    assert rows["loss_reason"].tolist()[1] == "价格" and rows["stage"].tolist() == ["Proof", "Qualify"]


def test_the_first_of_several_companies_is_the_account(tmp_path: Path) -> None:
    book = read(
        tmp_path,
        "Record ID,Deal Name,Deal Stage,Amount,Close Date,Associated Company IDs,Associated Company\n"
        "1,A,Proof,$45k,2026-12-01,77;78,Acme;Contoso\n2,B,closed lost ,,2026-02-01,78,Contoso\n",
    )
    assert book.opportunities["account_id"].tolist() == ["77", "78"]
    assert book.opportunities["account_name"].tolist() == ["Acme", "Contoso"]
    assert book.issues.query("reason == 'several_values'")["value"].tolist() == ["77;78", "Acme;Contoso"]
    assert book.opportunities["outcome"].tolist() == ["open", "lost"]


@pytest.mark.parametrize(
    ("flags", "outcomes"),
    [
        ("Is Deal Closed?,Is closed lost\ntrue,true\ntrue,false\nfalse,false", ["lost", "won", "open"]),
        ("Is closed lost\ntrue\nfalse\nfalse", ["lost", "open", "open"]),
    ],
)
def test_flags_of_hubspot(tmp_path: Path, flags: str, outcomes: list[str]) -> None:
    head, *lines = flags.splitlines()
    text = f"Record ID,Deal Name,Deal Stage,Amount,Close Date,{head}\n"
    text += "".join(f"{number},Deal,Proof,5,2026-05-01,{line}\n" for number, line in enumerate(lines))
    assert read(tmp_path, text).opportunities["outcome"].tolist() == outcomes


@pytest.mark.parametrize(
    "heading",
    ['Date entered "Proof (Sales Pipeline)"', "Date entered 'Proof (Sales Pipeline)'", "Date entered “Proof (Sales Pipeline)”",
     "Date Entered ‘Proof (Sales Pipeline)’", "Date entered Proof", "hs_v2_date_entered_proof", "hs_date_entered_proof"],
)  # fmt: skip
def test_a_dated_stage_in_every_spelling_of_its_heading(tmp_path: Path, heading: str) -> None:
    quoted = '"' + heading.replace('"', '""') + '"'
    text = f'Record ID,Deal Name,Deal Stage,Amount,Close Date,{quoted},Date entered "Nowhere"\n1,A,Proof,5,2026-12-01,2026-03-04 10:00,2026-01-01\n'
    book = read(tmp_path, text)
    assert book.stage_log[["stage", "entered"]].to_numpy().tolist() == [["Proof", pd.Timestamp("2026-03-04")]]
    # A stage that is not known is named, not passed over.
    assert "Nowhere" in book.issues.query("reason == 'unknown_stage'")["message"].iloc[0]


def test_internal_stage_ids_of_hubspot_choose_its_own_stages(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "Record ID,Deal Name,Deal Stage,Amount,Close Date\n1,A,qualifiedtobuy,5,2026-12-01\n2,B,contractsent ,45k,2026-12-01\n"
        "3,C,closedwon,5,2026-02-01\n4,D,closedlost,,2026-02-01\n",
        encoding="utf-8",
    )
    book = fa.read_exports(tmp_path, as_of="2026-06-30")
    assert book.methodology.key == "hubspot"
    assert book.opportunities["stage"].fillna("").tolist() == ["Qualified To Buy", "Contract Sent", "", ""]
    assert book.opportunities["outcome"].tolist() == ["open", "open", "won", "lost"]
    assert book.opportunities["amount"].fillna(0).tolist() == [5, 45_000, 5, 0]


def test_status_reasons_of_dynamics(tmp_path: Path) -> None:
    book = read(
        tmp_path,
        "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,Account,Sales Stage,"
        "Status,Status Reason,Est. revenue,Est. close date,Forecast Category,Modified On\n"
        "g1,x,46100,A,Acme,1 - Qualify,Open,In Progress,100,46357,0% Pipeline,46100\n"
        "g2,x,46101,B,Acme,Develop,Lost,Out-Sold,100,46150,Omitted,46101\n",
    )
    rows = book.opportunities
    assert rows["loss_reason"].fillna("").tolist() == ["", "Out-Sold"]
    assert rows["stage"].tolist() == ["Qualify", "Develop"] and rows["forecast_category"].tolist() == [
        "pipeline",
        "omitted",
    ]
    assert rows["close_date"].tolist() == [pd.Timestamp("2026-12-01"), pd.Timestamp("2026-05-08")]
    assert "left empty in 1 rows that are not lost" in str(book.receipt["decisions"].iloc[0])
    without = "\n".join(
        ",".join(cell for number, cell in enumerate(line.split(",")) if number != 6)
        for line in (tmp_path / "deals.csv").read_text().splitlines()
    )
    assert read(tmp_path, without).opportunities["outcome"].tolist() == ["open", "lost"]


def test_ids_of_salesforce_differ_by_case(tmp_path: Path) -> None:
    text = "Opportunity ID,Opportunity Name,Stage,Amount,Close Date\n006000000000AbC,A,Proof,1,2026-12-01\n006000000000aBc,B,Proof,2,2026-12-01\n"
    assert len(read(tmp_path, text).opportunities) == 2


# --- the profile's own language --------------------------------------------------------------------------------


def test_a_profile_that_extends_another_means_its_own_headings_first() -> None:
    profile = builtin_profiles()["xiaoshouyi"].tables["opportunities"]
    assert profile.columns["close_date"][0] == "结单日期" and "预计成交日期" in profile.columns["close_date"]
    assert "大区" in profile.columns["region"]
    # 承诺 and 阶段分类 are claimed here, and stand nowhere twice.
    keys = [heading_key(heading) for headings in profile.columns.values() for heading in headings]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"extends": "generic_eng"}, "extends 'generic_eng'.*generic_en"),
        ({"time_zone": "China"}, "time_zone is 'China'.*08:00"),
        ({"opportunities": {"several": ["acount_id"]}}, "several does not know 'acount_id'.*account_id"),
        ({"opportunities": {"columns": {"amount": 5}}}, "must be a text or a list of texts"),
        ({"opportunitis": "x"}, "does not know 'opportunitis'.*opportunities"),
        ({"date_order": "DYM"}, "date_order 'DYM' is not known.*DMY"),
        ({"fiscal_start": 13}, "starts in month 13"),
        ({"fiscal_calendar": {"start": 2, "weeks": "4-4-6"}}, "'4-4-6' is no pattern of weeks"),
        ({"methodology": "large_acount"}, "large_account"),
        (
            {"opportunities": {"join": {"OwnerId": "owners"}}, "owners": {"columns": {"owner": ["Name"]}}},
            r"points to \[owners\], which has no key",
        ),
    ],
)
def test_a_mistake_in_a_profile_is_named(data: Mapping[str, object], message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        parse_profile(data, "mine.toml")


def test_a_profile_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[opportunities", encoding="utf-8")
    legacy = tmp_path / "legacy.toml"
    legacy.write_bytes('name = "商机"'.encode("gb18030"))
    for source, message in (
        ("salesforce_reprt", r"Did you mean 'salesforce_report'.* Or give the path of a \.toml file"),
        (tmp_path / "none.toml", "There is no profile file .*Give its path"),
        (broken, r"broken\.toml is not valid TOML: .*(line 1|end of document)"),
        (legacy, r"legacy\.toml is not saved as UTF-8"),
    ):
        with pytest.raises(ProfileError, match=message):
            load_profile(source)


def test_a_fiscal_start_is_a_calendar_and_gives_way_to_one() -> None:
    assert parse_profile({"fiscal_start": 4}, "mine.toml").calendar == FiscalCalendar(4)
    assert parse_profile({"fiscal_start": 4, "fiscal_calendar": {"start": 2}}, "x.toml").calendar == FiscalCalendar(2)


# --- any small table, in any layout ----------------------------------------------------------------------------

_NAMES = {
    "en": ["Acme, Inc.", 'The "Best" Ltd', "Müller & Söhne", "Société Générale", "Contoso", "Año Nuevo"],
    "zh-Hans": ["华东电力设计院", "上海远景科技有限公司", "深圳市未来芯片", "Acme, Inc.", "中国石油"],
    "zh-Hant": ["許功蓋電子股份有限公司", "台灣積體電路", "國泰金融控股", "Acme, Inc.", "臺北市政府"],
}
_ENCODINGS = {
    "en": ["utf-8", "utf-8-sig", "utf-16", "cp1252"],
    "zh-Hans": ["utf-8", "utf-8-sig", "utf-16", "gb18030"],
    "zh-Hant": ["utf-8", "utf-8-sig", "utf-16", "big5"],
}
_DATES = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%d %b %Y", "%Y年%m月%d日", "serial"]
_MONEY = ["{:.2f}", "{:,.2f}", "{:,.2f} 元", "german"]
_TABLE = st.lists(
    st.tuples(
        st.integers(0, 10**7),
        st.sampled_from(METHOD.open_stages),
        st.sampled_from(["open", "won", "lost"]),
        st.integers(1, 10**11),
        st.dates(date(2021, 1, 1), date(2026, 12, 31)),
        st.integers(0, 4),
    ),
    min_size=2, max_size=6, unique_by=lambda row: row[0],
)  # fmt: skip


def _money(value: float, form: str) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,")) if form == "german" else form.format(value)


def _in_layout(layout: Layout, rows: list[tuple], date_form: str, money: str) -> tuple[str, pd.DataFrame]:
    """The table as text, and what it says."""
    lines, truth = [], []
    for number, stage, outcome, cents, day, name in rows:
        key, account, due = f"{number:08d}", _NAMES[layout.language][name], pd.Timestamp(day)
        label = layout.closed.get(outcome) or f"{layout.stage(stage)}{layout.suffix.get('stage', '')}"
        amount = cents / 100
        ended = due if outcome != "open" else None
        written = due.strftime(date_form) if date_form != "serial" else str((due - pd.Timestamp("1899-12-30")).days)
        cells = {
            "opportunity_id": key, "opportunity_name": f"Deal {number}", "account_name": account, "account_id": f"A{name}",
            "owner": "Ana", "stage": label, "outcome": layout.outcomes[outcome], "amount": _money(amount / layout.unit, money),
            "close_date": written, "created_date": written, "currency": layout.currency,
            "is_closed": str(outcome != "open"), "is_won": str(outcome == "won"),
            "won_date": written if ended is not None and outcome == "won" else "",
            "lost_date": written if ended is not None and outcome == "lost" else "",
        }  # fmt: skip
        lines.append([cells.get(field, "") for field in layout.opportunities])
        kept = None if layout.closed and outcome != "open" else stage
        held = round(round(amount / layout.unit, 2) * layout.unit, 2)
        truth.append((key, kept, outcome, held, due, due, account if "account_name" in layout.opportunities else None))
    names = ["opportunity_id", "stage", "outcome", "amount", "close_date", "created_date", "account_name"]
    text = pd.DataFrame(lines, columns=list(layout.opportunities.values())).to_csv(index=False, sep="\x1f")
    return text, pd.DataFrame(truth, columns=names).sort_values("opportunity_id", ignore_index=True)


@settings(max_examples=30, derandomize=True)
@given(
    name=st.sampled_from(list(LAYOUTS)),
    rows=_TABLE,
    encoding=st.integers(0, 3),
    date_form=st.sampled_from(_DATES),
    money=st.sampled_from(_MONEY),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_any_small_table_is_read_as_it_was_written(
    name: str, rows: list[tuple], encoding: int, date_form: str, money: str, delimiter: str
) -> None:
    layout = LAYOUTS[name]
    code = _ENCODINGS[layout.language][encoding]
    # A Western code page has no 年 and no 元.
    if code == "cp1252":
        date_form, money = date_form.replace("年", "-").replace("月", "-").replace("日", ""), money.replace(" 元", "")
    text, truth = _in_layout(layout, rows, date_form, money)
    lines = pd.read_csv(pd.io.common.StringIO(text), sep="\x1f", dtype=str, keep_default_na=False)
    with TemporaryDirectory() as folder:
        path = Path(folder, "deals.csv")
        path.write_bytes(lines.to_csv(index=False, sep=delimiter).encode(code))
        book = fa.read_exports(path, as_of="2026-12-31", methodology="large_account", date_order="DMY", currency="CNY")
    assert set(book.receipt["profile"]) == {layout.profile}
    read_back = book.opportunities.sort_values("opportunity_id", ignore_index=True)
    for field in truth:
        assert read_back[field].fillna("").tolist() == truth[field].fillna("").tolist(), field
