"""The documents name tests and files: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/.]+)(?:::(\w+))?`")
REFERENCES = sorted({match.groups() for match in NAMED.finditer((ROOT / "docs" / "reliability.md").read_text())})
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "docs/reliability.md", "benchmarks/README.md")]


@pytest.mark.parametrize(("path", "name"), REFERENCES)
def test_what_reliability_names_is_there(path: str, name: str) -> None:
    assert (ROOT / path).exists()
    if name:
        assert re.search(rf"^ *def {name}\(", (ROOT / path).read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert broken == []
