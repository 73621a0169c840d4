"""Names in lists lead to the CRM: by the export's own addresses or a template, and nowhere else."""

from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pytest
from hypothesis import given, strategies as st
from lxml import html
from pptx import Presentation

import funnel_analytics as fa
from funnel_analytics.addresses import filled, web_address
from funnel_analytics.errors import ArgumentError, ProfileError
from funnel_analytics.reviews import write_reviews

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

TEMPLATE = "https://acme.my.salesforce.com/{id}"
HEAD = "Opportunity ID,Opportunity Name,Account ID,Account Name,Stage,Amount,Currency,Close Date,Record URL\n"
ROWS = (
    "A1,=1+1,K1,Alder,Discover,1000,EUR,2026-08-30,https://crm.example/deal/A1?tab=2\n"
    "A2,Robot cell,K2,Birch,Proof,2000,EUR,2026-10-15,javascript:alert(1)\n"
    "A3,Retrofit,K3,Cedar,Proof,3000,EUR,2026-08-20,\n"
)
ACCOUNTS = "Account ID,Account Name,Industry\nK1,Alder,Food\nK2,Birch,Power\nK3,Cedar,Rail\n"
OUTLINE = """name = "Deals"
[[page]]
key = "opportunity_inspection"
table = "opportunity_inspection"
columns = ["opportunity_name", "amount", "reasons"]
"""


def read(folder: Path, text: str = HEAD + ROWS, **how: str) -> fa.Book:
    (folder / "deals 2026-09-30.csv").write_text(text, encoding="utf-8")
    (folder / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    return fa.read_exports(folder, methodology="large_account", **how)


def urls(book: fa.Book) -> dict[str, str | None]:
    rows = book.opportunities
    return {
        ident: url if isinstance(url, str) else None
        for ident, url in zip(rows["opportunity_id"], rows["url"], strict=True)
    }


def test_the_exports_own_addresses_are_kept_and_what_is_none_is_noted(tmp_path: Path) -> None:
    book = read(tmp_path)
    assert urls(book) == {"A1": "https://crm.example/deal/A1?tab=2", "A2": "javascript:alert(1)", "A3": None}
    noted = book.issues[book.issues["reason"] == "no_web_address"]
    assert noted[["row", "column", "value"]].to_numpy().tolist() == [[3.0, "Record URL", "javascript:alert(1)"]]


def test_a_template_fills_what_the_export_leaves_open(tmp_path: Path) -> None:
    assert urls(read(tmp_path, crm_url=TEMPLATE)) == {
        "A1": "https://crm.example/deal/A1?tab=2",
        "A2": "javascript:alert(1)",
        "A3": "https://acme.my.salesforce.com/A3",
    }


def test_an_id_that_was_made_up_leads_nowhere(tmp_path: Path) -> None:
    without = "\n".join(line.partition(",")[2].rpartition(",")[0] for line in (HEAD + ROWS).splitlines())
    assert set(urls(read(tmp_path, without, crm_url=TEMPLATE)).values()) == {None}


def test_a_profile_says_the_addresses_of_opportunities_and_of_accounts(tmp_path: Path) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text(
        """key = "own"
[opportunities]
crm_url = "https://crm.example/o/{id}"
[opportunities.columns]
opportunity_id = ["Opportunity ID"]
opportunity_name = ["Opportunity Name"]
account_id = ["Account ID"]
stage = ["Stage"]
amount = ["Amount"]
[accounts]
crm_url = "https://crm.example/k/{id}"
never = ["Stage"]
[accounts.columns]
account_id = ["Account ID"]
account_name = ["Account Name"]
industry = ["Industry"]
""",
        encoding="utf-8",
    )
    book = read(tmp_path, profile=str(profile), as_of="2026-09-30")
    assert urls(book)["A2"] == "https://crm.example/o/A2"
    assert book.accounts["url"].tolist() == [f"https://crm.example/k/K{number}" for number in (1, 2, 3)]
    profile.write_text('key = "own"\n[opportunities]\ncrm_url = "crm.example/{id}"\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"\[opportunities\].*http"):
        read(tmp_path, profile=str(profile))


@pytest.mark.parametrize(
    "template", ["crm.example/{id}", "ftp://crm.example/{id}", "https://crm.example/", "https://{id}.example/", "{id}"]
)
def test_what_is_no_template_is_refused_before_a_file_is_read(template: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="no address of records"):
        fa.read_exports(tmp_path / "missing.csv", crm_url=template)


@given(st.text(max_size=40))
def test_no_id_leads_out_of_the_crm(ident: str) -> None:
    address = filled(TEMPLATE, ident)
    assert address is not None
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("https", "acme.my.salesforce.com")
    assert (parts.query, parts.fragment) == ("", "") and parts.path.count("/") == 1


@given(st.text(max_size=40))
def test_an_address_that_is_followed_is_of_the_web_and_has_no_quotes(text: str) -> None:
    for address in (web_address(text), web_address(f"https://crm.example/{text}")):
        assert address is None or (address.startswith("http") and not set(address) & set(" \"'<>\n\t"))


def test_the_three_files_link_names_and_leave_other_texts_alone(tmp_path: Path) -> None:
    outline, book = tmp_path / "deals.toml", read(tmp_path, crm_url=TEMPLATE)
    outline.write_text(OUTLINE, encoding="utf-8")
    expected = {"=1+1": "https://crm.example/deal/A1?tab=2", "Retrofit": "https://acme.my.salesforce.com/A3"}
    paths = {path.suffix: path for path in write_reviews(book, tmp_path / "out", outline=outline)}

    cells = [cell for sheet in openpyxl.load_workbook(paths[".xlsx"]) for row in sheet.iter_rows() for cell in row]
    assert {cell.value: cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target} == expected
    assert {cell.data_type for cell in cells if cell.value in expected} == {"s"}

    runs = [
        run
        for slide in Presentation(str(paths[".pptx"])).slides
        for shape in slide.shapes
        if shape.has_table
        for cell in shape.table.iter_cells()
        for run in cell.text_frame.paragraphs[0].runs
    ]
    assert {run.text: run.hyperlink.address for run in runs if run.hyperlink.address} == expected

    tree = html.fromstring(paths[".html"].read_text(encoding="utf-8"))
    outside = tree.xpath("//a[not(starts-with(@href, '#'))]")
    assert {link.text: link.get("href") for link in outside} == expected
    assert {link.get("rel") for link in outside} == {"noopener noreferrer"}
    assert "javascript:" not in "".join(tree.xpath("//@href"))
