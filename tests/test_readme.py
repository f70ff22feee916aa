"""The README says what is there: parameter tables, files that it names."""

import re
import subprocess
from pathlib import Path

from harness import executable

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_parameter_tables_are_those_of_the_nodes():
    described = subprocess.run(
        [executable("bringup"), "--describe-parameters"], capture_output=True, text=True, check=True
    ).stdout
    tables = re.findall(r"Node `(\w+)`:\n\n((?:\|.*\n)+)", described)
    assert tables, described
    for node, table in tables:
        marked = re.search(rf"<!-- parameters of {node} -->\n(.*?)<!-- end -->", README, re.DOTALL)
        assert marked, f"README has no <!-- parameters of {node} --> … <!-- end -->"
        assert marked[1].strip() == table.strip(), f"paste `bringup --describe-parameters` for {node} into README.md"


def test_files_that_the_readme_names_exist():
    names = re.findall(r"`((?:src|config|tests|scripts|urdf|launch|docs)/[\w./-]+)`", README)
    names += re.findall(r'(?:src="|\]\()([\w./-]+\.(?:png|svg|md))', README)
    assert names
    missing = [name for name in names if not (ROOT / name).exists()]
    assert not missing
