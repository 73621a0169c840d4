"""A heading can be meant in several ways: its unit, its other forms, and units stated beside the table."""

from pathlib import Path

import pytest

import funnel_analytics as fa
from funnel_analytics.errors import ExportError
from funnel_analytics.exports.profiles.heading_forms import other_forms
from funnel_analytics.exports.profiles.heading_units import Unit, parted, stated_unit


@pytest.mark.parametrize(
    ("heading", "bare", "factor", "code"),
    [
        ("Amount ($000)", "Amount", 1000, "USD"),
        ("Amount (in thousands)", "Amount", 1000, None),
        ("Amount (USD k)", "Amount", 1000, "USD"),
        ("Amount (MUSD)", "Amount", 1_000_000, "USD"),
        ("Betrag in T€", "Betrag", 1000, "EUR"),
        ("Valor (R$ mil)", "Valor", 1000, "BRL"),  # not millions
        ("Importe (miles de euros)", "Importe", 1000, "EUR"),
        ("Montant (en milliers d'euros)", "Montant", 1000, "EUR"),
        ("Amount USD", "Amount", None, "USD"),
        ("金额/万元", "金额", 10_000, None),
        ("金额万元", "金额", 10_000, None),
        ("金额（单位：万元）", "金额", 10_000, None),
        ("金额（元）", "金额", 1, None),  # a unit that multiplies nothing, and is one all the same
        ("合同金额（万美元）", "合同金额", 10_000, "USD"),
        ("金额（万元）(EUR)", "金额", 10_000, "EUR"),
        ("Amount USD (k)", "Amount", 1000, "USD"),
        ("金额 万元（含税）", "金额 (含税)", 10_000, None),
        ("金额（含税，万元）", "金额 (含税)", 10_000, None),
        ("预计金额（万元、不含税）", "预计金额 (不含税)", 10_000, None),
        ("金额 单位（万元）", "金额", 10_000, None),
        ("Amount (net, k USD)", "Amount (net)", 1000, "USD"),
    ],
)
def test_units_in_headings(heading, bare, factor, code):
    assert parted(heading) == (bare, Unit(factor, code))


@pytest.mark.parametrize(
    "heading",
    ["Amount (new)", "Close Date (est, final)", "Amount (converted)", "Closed Won", "Version K", "千里科技", "Team"],
)
def test_what_is_no_unit_stays_in_the_heading(heading):
    assert parted(heading) == (heading, None)


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("2024年销售漏斗 | 单位：万元", Unit(10_000, None)),
        ("Amounts in USD thousands", Unit(1000, "USD")),
        ("(in thousands of EUR)", Unit(1000, "EUR")),
        ("Revenue in Asia", None),
        ("单位：某某公司", None),
    ],
)
def test_a_line_beside_the_table_can_state_the_unit(line, unit):
    found = stated_unit([line])
    assert (found[0] if found else None) == unit


@pytest.mark.parametrize(
    ("heading", "meant"),
    [
        ("*Opportunity ID", "Opportunity ID"),
        ("Close Date ↑", "Close Date"),
        ("Stage (required)", "Stage"),
        ("'Account Name'", "Account Name"),
        ("3. Stage", "Stage"),
        ("Opportunity: Stage", "Stage"),
        ("商机编号 Opportunity ID", "商机编号"),
        ("商机编号/Opportunity ID", "Opportunity ID"),
        ("金额（含税）", "金额"),
        ("Amount (excl. VAT)", "Amount"),
        ("金额（万元） Amount", None),
        ("合同 ID", None),  # no opportunity's id
        ("Account: Owner", None),  # not the opportunity's owner
        ("Amount (converted)", None),
    ],
)
def test_other_forms_of_a_heading(heading, meant):
    forms = other_forms(heading)
    assert meant in forms if meant else not forms


def test_an_amount_whose_heading_names_a_unit_is_found(tmp_path):
    path = tmp_path / "deals 2026-09-30.csv"
    path.write_text(
        "Opportunity ID,Account Name,Stage,Amount (USD k),Close Date\n1,A,Proof,12.5,2026-10-01\n", encoding="utf-8"
    )
    rows = fa.read_exports(path).opportunities
    assert (rows["amount"].tolist(), rows["currency"].tolist()) == ([12_500.0], ["USD"])


def test_the_unit_in_a_line_above_the_table_counts_unless_the_heading_has_its_own(tmp_path):
    path = tmp_path / "deals 2026-09-30.csv"
    lines = [
        "2026年销售漏斗",
        "单位：万元",
        "",
        "商机编号,客户名称,销售阶段,{},预计成交日期",
        "1,A,Proof,12.5,2026-10-01",
    ]
    for heading, amount in (("金额", 125_000), ("金额（元）", 12.5)):
        path.write_text("\n".join(lines).format(heading), encoding="utf-8")
        book = fa.read_exports(path)
        assert book.opportunities["amount"].tolist() == [amount]
        assert ("单位：万元" in book.receipt["decisions"].iloc[0]) == (amount > 100)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Amout", "Amount"),
        ("Clsoe Date", "Close Date"),
        ("Oppertunity ID", "Opportunity ID"),
        ("预记成交日期", "预计成交日期"),
        ("Lead Score", None),
        ("Weighted Amount", None),  # another thing
    ],
)
def test_a_heading_one_slip_away_is_named_and_not_taken(tmp_path, written, known):
    headings = ["Deal ID", "Stage", "Deal Value", "Expected Close", "Deal", written]
    if known:
        place = {"Amount": 2, "Opportunity ID": 0}.get(known, 3)
        headings[place] = headings.pop()
    book = read_book(tmp_path, headings)
    near = book.issues.loc[book.issues["reason"] == "near_heading", "message"]
    assert [f"'{written}' is no known heading" in said and f"looks like '{known}'" in said for said in near] == (
        [True] if known else []
    )


def test_columns_whose_lack_matters_are_told(tmp_path):
    book = read_book(tmp_path, ["Ref", "Deal", "Stage", "Amount", "Sign-off"])
    assert {"no_ids", "no_close_dates"} <= set(book.issues["reason"])


def test_a_refusal_says_what_is_lacking_and_what_looks_like_it(tmp_path):
    with pytest.raises(ExportError, match=r"lacks a stage, a status or a flag for won — 'Satge' looks like 'Stage'"):
        read_book(tmp_path, ["Deal ID", "Satge", "Amount", "Close Date"])


def read_book(folder, headings):
    path = folder / "pipeline 2026-09-30.csv"
    cells = {"Stage": "Proof", "Satge": "Proof"}
    lines = [[cells.get(heading, f"{number}") for heading in headings] for number in range(1, 4)]
    path.write_text("\n".join(",".join(line) for line in [headings, *lines]), encoding="utf-8")
    return fa.read_exports(path)


@pytest.mark.parametrize(
    ("lines", "amounts", "codes"),
    [
        (("ID,Name,Stage,EUR,Close Date", "ID,Name,Stage,Amount,Close Date"), [1200, 5], ["EUR", "EUR"]),
        (("ID,Name,Stage,EUR,Close Date", ",,,Amount,"), [1200, 5], ["EUR", "EUR"]),
        ((",,,EUR,", "ID,Name,Stage,Amount,Close Date"), [1200, 5], ["EUR", "EUR"]),
        ((",,,kEUR,", "ID,Name,Stage,Amount,Close Date"), [1_200_000, 5000], ["EUR", "EUR"]),
        (("ID,Name,Stage,Amount,Close Date", ",,,EUR,"), [1200, 5], ["EUR", "EUR"]),
        (("ID,Name,Stage,Amount,Close Date", "ID,Name,Stage,万元,Close Date"), [12_000_000, 50_000], None),
        (("万元,,,,", "ID,Name,Stage,Amount,Close Date"), [12_000_000, 50_000], None),
        (("Sales of the team,,,,", "ID,Name,Stage,Amount,Close Date"), [1200, 5], None),
    ],
    ids=["above, others merged", "above, others reach down", "above", "size and currency above", "beneath", "beneath, others merged", "in the corner", "a title"],
)  # fmt: skip
def test_units_in_a_line_of_their_own_count(tmp_path, lines, amounts, codes):
    rows = "1,A,Proof,1200,2026-12-01\n2,B,Proof,5,2026-12-01\n"
    (tmp_path / "deals 2026-09-30.csv").write_text("\n".join(lines) + "\n" + rows, encoding="utf-8")
    read = fa.read_exports(tmp_path).opportunities
    assert read["amount"].tolist() == amounts
    assert (read["currency"].tolist() if codes else None) == codes


def test_two_currencies_beneath_one_heading_are_two_columns(tmp_path):
    text = "ID,Name,Stage,Amount,,Close Date\n,,,USD,CNY,\n1,A,Proof,10,70,2026-12-01\n2,B,Proof,20,140,2026-12-01\n"
    (tmp_path / "deals 2026-09-30.csv").write_text(text, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    assert book.opportunities["amount"].tolist() == [10, 20] and set(book.opportunities["currency"]) == {"USD"}
    assert "columns not read: Amount (CNY)" in book.receipt["decisions"].iloc[0]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_of_two_amounts_that_differ_in_their_unit_the_finer_is_read(tmp_path, order):
    amounts = [("金额（万元）", "12.5", "48"), ("金额（元）", "125034", "480000")]
    headings, first, second = (",".join(amounts[at][line] for at in order) for line in range(3))
    path = tmp_path / "x.csv"
    path.write_text(
        f"商机编号,客户名称,销售阶段,{headings},预计成交日期\nS1,甲公司,初步接触,{first},2026-12-01\n"
        f"S2,乙公司,需求确认,{second},2026-12-02\n"
    )
    book = fa.read_exports(path, as_of="2026-09-30")
    assert book.opportunities["amount"].tolist() == [125_034, 480_000]  # 12.5 × 10,000 would be 125,000
    assert "columns not read: 金额（万元）" in book.receipt["decisions"][0]


def test_headings_lines_and_labels_without_end_are_read_past_and_quoted_in_part(tmp_path: Path) -> None:
    """Each was tried by every pattern at every place: a heading of 50,000 brackets did not end."""
    heading = f"Opportunity ID,Account Name,Stage,Amount{'(' * 50_000},{'万' * 50_000},Amount,Close Date"
    file = tmp_path / "long.csv"
    rows = f"1,A,{'P' * 5_000},5,6,100,2026-12-01\n2,B,Prospecting,5,6,200,2026-12-01\n3,C,Prospecting,5,6,300,2026-12-01\n"
    file.write_text(f"{'amount ' * 8_000}\n\n{heading}\n{rows}", encoding="utf-8")
    book = fa.read_exports(file, as_of="2026-09-30")
    assert book.opportunities["amount"].tolist() == [100, 200, 300]
    told = book.issues.set_index("reason").loc["unknown_stage"]
    assert "PPP…' is not known (1 rows)" in told["message"] and len(told["value"]) == 5_000
