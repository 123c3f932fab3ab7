"""The workbooks in LibreOffice and openpyxl: they open, calculate what is written beside their formulas, and are live.

report.py STUDY WORK FOLDER…: each folder has a report.xlsx of the study; that in "full" is changed, too.
LibreOffice starts slowly, so it is started twice: for all workbooks as written, and for all changed ones.
"""

import json
import pathlib
import shutil
import subprocess
import sys

import openpyxl

study, work = (pathlib.Path(name).resolve() for name in sys.argv[1:3])
folders = sys.argv[3:]
SHEETS = ["Summary", "Cost", "Strategies", "Answers", "Waivers", "Assumptions"]
TOKENS = ["input", "cached_input", "cache_write", "output", "reasoning", "wasted"]
# LibreOffice calculates a foreign file anew only if it is told to.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


def calculated(paths):
    """The workbooks' values after LibreOffice has opened and calculated them, by file name."""
    user = work / "profile" / "user"
    user.mkdir(parents=True, exist_ok=True)
    settings = user / "registrymodifications.xcu"
    if not settings.exists():
        settings.write_text(PROFILE)
    out = work / "out"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{work / 'profile'}", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), *map(str, paths)],
        check=True, capture_output=True, timeout=150)
    return {path.name: openpyxl.load_workbook(out / path.name, data_only=True) for path in paths}


def near(one, two):
    return isinstance(one, (int, float)) and isinstance(two, (int, float)) and abs(one - two) <= 1e-6 * max(1, abs(one))


def as_written(folder, here):
    """Opens, has its sheets, and its formulas calculate what stands beside them; says how many there are."""
    path = work / f"{folder}.xlsx"
    written, formulas = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    assert written.sheetnames == SHEETS, (folder, written.sheetnames)
    for sheet in written:
        assert sheet.freeze_panes or sheet.max_row == 2, (folder, sheet.title)
    count = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    count += 1
                    kept, now = (it[sheet.title][cell.coordinate].value for it in (written, here))
                    assert near(kept, now), f"{folder}: {sheet.title}!{cell.coordinate}: written {kept}, calculated {now}"
    if count == 0:
        words = written["Cost"]["A2"].value
        assert words.startswith("Nothing was simulated"), f"{folder}: the Cost sheet has no formulas"
    print(f"{folder}: opens; {count} formulas calculate what is written")


work.mkdir(parents=True, exist_ok=True)
copies = [pathlib.Path(shutil.copy(pathlib.Path(folder) / "report.xlsx", work / f"{folder}.xlsx")) for folder in folders]
books = calculated(copies)
for folder in folders:
    as_written(folder, books[f"{folder}.xlsx"])

# Changed cells: the sheet follows, and at a simulated volume it says what was simulated.
cells = {(cell["strategy"], cell["volume"]): cell["metrics"] for cell in json.loads(study.read_text())["cells"]}
SIMULATED = [("baseline", 10, 0, 0), ("cached", 10, -0.2, 0.1), ("baseline", 1, 0.5, 0)]
formulas = openpyxl.load_workbook(work / "full.xlsx")
sheet = formulas["Cost"]
changed = []


def change(strategy, volume, growth, ahead, price, discount, budget=5_000):
    values = (strategy, volume, growth, ahead, price, discount, budget)
    for row, value in zip(range(4, 11), values):
        sheet[f"B{row}"] = value
    changed.append(work / f"changed{len(changed)}.xlsx")
    formulas.save(changed[-1])


for strategy, volume, price, discount in SIMULATED:
    change(strategy, volume, 0, 0, price, discount)
change("cached", 1, 0.1, 12, 0, 0)
books = calculated(changed)
for path, (strategy, volume, price, discount) in zip(changed, SIMULATED):
    cost, metrics = books[path.name]["Cost"], cells[strategy, volume]
    tokens = sum(metrics[f"cost.{line}"]["mean"] for line in TOKENS if f"cost.{line}" in metrics)
    wanted = metrics["cost.total"]["mean"] + tokens * ((1 + price) * (1 - discount) - 1)
    got = cost["B14"].value
    assert abs(got - wanted) < 1e-3 * wanted, f"{strategy} at {volume}x: {got}, simulated {wanted}"
    assert abs(cost["B18"].value - (5_000 - got)) < 1e-6
    assert 0 <= cost["B19"].value <= 1
# Growth: 10% a month for twelve months from 1x ends where 1.1^12 is, and costs more each month.
cost = books[changed[-1].name]["Cost"]
assert near(cost["B13"].value, 1.1**12), cost["B13"].value
months = [cost[f"C{row}"].value for row in range(23, 35)]
assert months == sorted(months) and months[0] < months[-1] < cost["B14"].value, months
print("the workbook follows what is changed: strategy, volume, growth, months ahead, prices, discount, budget")
