"""The PDF for whoever has it read aloud: tagged, in order, with heads of tables and words for charts.

report_tags.py FILE…: what poppler finds in the tree of a document, held against the text that can be seen.
"""

import re
import subprocess
import sys


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, errors="replace", timeout=60).stdout


def elements(tree):
    """Depth, name and rest of each element of the tree, in order; and all its text."""
    found, texts = [], []
    for line in tree.splitlines():
        indent = len(line) - len(line.lstrip())
        line = line.strip()
        if line.startswith('"'):
            texts.append(line[1:-1])
        elif line.startswith("/"):
            found[-1][2].append(line)
        elif match := re.match(r"[A-Z]\w*", line):
            found.append((indent, match[0], []))
    return found, " ".join(texts)


def inside(found, place):
    """Names of the elements within one."""
    depth = found[place][0]
    for indent, name, _ in found[place + 1:]:
        if indent <= depth:
            return
        yield name


def check(file):
    about = run("pdfinfo", file)
    assert re.search(r"^Tagged: +yes$", about, re.M), f"{file}: not tagged"
    assert re.search(r"^Title: +\S", about, re.M), f"{file}: no title"
    found, text = elements(run("pdfinfo", "-struct-text", file))
    names = [name for _, name, _ in found]
    levels = [int(name[1]) for name in names if re.fullmatch(r"H\d", name)]
    assert levels[0] == 1 and levels.count(1) == 1, f"{file}: {levels} does not begin with the only H1"
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:])), f"{file}: a level of headings is left out: {levels}"
    for place, (_, name, rest) in enumerate(found):
        within = list(inside(found, place))
        if name == "Table":
            assert "Caption" in within and "TH" in within and "TR" in within, f"{file}: a table is {within[:9]}"
        if name == "TH":
            assert any(it.startswith("/Scope") for it in rest), f"{file}: a head without its direction"
        if name == "L":
            assert set(within) <= {"LI", "Lbl", "LBody"} and "LBody" in within, f"{file}: a list is {set(within)}"
        if name == "Figure":
            assert not within, f"{file}: a figure is {within}"
    # What is seen is heard; only feet of pages, and heads that a table repeats, are not read (again).
    heard = re.sub(r"\s", "", text)
    for line in run("pdftotext", "-layout", file, "-").splitlines():
        if " · as of " in line:
            continue
        for word in line.split():
            assert word in heard, f"{file}: {word!r} is seen and not heard"
    raw = open(file, "rb").read()
    figures = names.count("Figure")
    assert raw.count(b"/Alt") >= figures, f"{file}: {figures} charts, and not all with words"
    print(f"{file}: tagged; {len(levels)} headings, {names.count('Table')} tables, {figures} charts")


for name in sys.argv[1:]:
    check(name)
