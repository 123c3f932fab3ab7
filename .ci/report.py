"""The workbook in LibreOffice and openpyxl: opens, calculates what is written beside its formulas, and is live."""

import json
import pathlib
import subprocess
import sys

import openpyxl

book, study, work = (pathlib.Path(name).resolve() for name in sys.argv[1:4])
SHEETS = ["Summary", "Cost", "Strategies", "Answers", "Waivers", "Assumptions"]
# LibreOffice calculates a foreign file anew only if it is told to.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


def calculated(path):
    """The workbook's values after LibreOffice has opened and calculated it."""
    user = work / "profile" / "user"
    user.mkdir(parents=True, exist_ok=True)
    settings = user / "registrymodifications.xcu"
    if not settings.exists():
        settings.write_text(PROFILE)
    out = work / "out"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{work / 'profile'}", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(path)],
        check=True, capture_output=True, timeout=200)
    return openpyxl.load_workbook(out / path.name, data_only=True)


def near(one, two):
    return isinstance(one, (int, float)) and isinstance(two, (int, float)) and abs(one - two) <= 1e-6 * max(1, abs(one))


written = openpyxl.load_workbook(book, data_only=True)
formulas = openpyxl.load_workbook(book)
assert written.sheetnames == SHEETS, written.sheetnames
for sheet in written:
    assert sheet.freeze_panes or sheet.max_row == 2, sheet.title
here = calculated(book)
count = 0
for sheet in formulas:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                count += 1
                kept, now = (it[sheet.title][cell.coordinate].value for it in (written, here))
                assert near(kept, now), f"{sheet.title}!{cell.coordinate}: written {kept}, calculated {now}"
if count == 0:
    assert written["Cost"]["A2"].value.startswith("Nothing was simulated"), "the Cost sheet has no formulas"
    print(f"{book.parent.name}: opens; nothing was simulated")
    sys.exit()

# Changed cells: the sheet follows, and at a simulated volume it says what was simulated.
cells = {(cell["strategy"], cell["volume"]): cell["metrics"] for cell in json.loads(study.read_text())["cells"]}
TOKENS = ["input", "cached_input", "cache_write", "output", "reasoning", "wasted"]
for strategy, volume, price, discount in [("baseline", 10, 0, 0), ("cached", 10, -0.2, 0.1), ("baseline", 1, 0.5, 0)]:
    sheet = formulas["Cost"]
    sheet["B4"], sheet["B5"], sheet["B8"], sheet["B9"], sheet["B10"] = strategy, volume, price, discount, 5_000
    sheet["B6"], sheet["B7"] = 0, 0
    changed = work / "changed.xlsx"
    formulas.save(changed)
    cost = calculated(changed)["Cost"]
    metrics = cells[strategy, volume]
    tokens = sum(metrics[f"cost.{line}"]["mean"] for line in TOKENS if f"cost.{line}" in metrics)
    wanted = metrics["cost.total"]["mean"] + tokens * ((1 + price) * (1 - discount) - 1)
    got = cost["B14"].value
    assert abs(got - wanted) < 1e-3 * wanted, f"{strategy} at {volume}x: {got}, simulated {wanted}"
    assert abs(cost["B18"].value - (5_000 - got)) < 1e-6
    assert 0 <= cost["B19"].value <= 1
# Growth: 10% a month for twelve months from 1x ends where 1.1^12 is, and costs more each month.
sheet = formulas["Cost"]
sheet["B4"], sheet["B5"], sheet["B6"], sheet["B7"], sheet["B8"], sheet["B9"] = "cached", 1, 0.1, 12, 0, 0
formulas.save(work / "changed.xlsx")
cost = calculated(work / "changed.xlsx")["Cost"]
assert near(cost["B13"].value, 1.1**12), cost["B13"].value
months = [cost[f"C{row}"].value for row in range(23, 35)]
assert months == sorted(months) and months[0] < months[-1] < cost["B14"].value, months
print(f"{book.parent.name}: opens; {count} formulas calculate what is written, and follow what is changed")
