"""Valid files with bytes changed at random: read or plainly refused; never a traceback, a hang or a flood of memory."""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from funnel_analytics.exports.formats.opening import read_sheets

pytest.importorskip("resource", reason="limits of memory are set with the resource module, which Windows lacks")
HERE = Path(__file__).parent
HEADINGS = ["Opportunity ID", "Opportunity Name", "Account Name", "Stage", "Amount", "Close Date", "Created Date"]
ROWS = [
    [f"006{n:012d}AAA", f"客户 {n}, “line”" if n % 3 else 'say "yes"', f"Müller & Söhne {n}", "Proof", f"{n * 1234.5:,.2f}",
     f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}", "2026-01-05"]
    for n in range(1, 40)
]  # fmt: skip


def written(folder: Path) -> list[Path]:
    """The same small export in every format that can be written here."""
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [HEADINGS, *ROWS]]
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in [HEADINGS, *ROWS])
    cells = "".join(
        "<Row>"
        + "".join(f'<Cell><Data ss:Type="String">{cell.replace("&", "&amp;")}</Data></Cell>' for cell in row)
        + "</Row>"
        for row in [HEADINGS, *ROWS]
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    xml = f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="S"><Table>{cells}</Table></Worksheet></Workbook>'
    texts = {
        "utf8.csv": "\r\n".join(lines).encode(),
        "gbk.csv": "\n".join(lines).encode("gb18030"),
        "utf16.txt": "\n".join(line.replace('","', '"\t"') for line in lines).encode("utf-16"),
        "page.xls": f"<html><body><table>{body}</table></body></html>".encode(),
        "sheet.xml": xml.encode(),
    }
    for name, content in texts.items():
        (folder / name).write_bytes(content)
    book = openpyxl.Workbook()
    for row in [HEADINGS, *ROWS]:
        book.active.append(row)
    book.save(folder / "book.xlsx")
    return sorted(folder.iterdir())


def run(*arguments: str) -> list[dict[str, str]]:
    done = subprocess.run(
        [sys.executable, str(HERE / "read_all.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    assert "panicked" not in done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_files_with_changed_bytes_are_read_or_refused(tmp_path: Path) -> None:
    paths = written(tmp_path)
    for path in paths:
        assert len(read_sheets(path)[0].cells) == len(ROWS) + 1
    endings = run("fuzz", "1", "25", *map(str, paths))
    assert len(endings) == 25 * len(paths)
    assert {line["ended"].split(":")[0] for line in endings} == {"read", "refused"}
    assert max(int(line["megabytes"]) for line in endings) < 1024


def test_the_net_would_catch_what_it_looks_for(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise ZeroDivisionError", encoding="utf-8")
    done = subprocess.run([sys.executable, str(broken)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Traceback" in done.stderr
