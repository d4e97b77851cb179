"""What the tests of the documents read: pages, their code blocks, tables and links."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
README_ZH = ROOT / "README.zh-CN.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_COMMENT = re.compile(r"(^|\s)#.*$")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_blocks(page: Path) -> list[tuple[str, list[str]]]:
    """Every block's language and lines, without comments: those are translated."""
    return [
        (language, [_COMMENT.sub("", line).strip() for line in block.splitlines()])
        for language, block in _FENCE.findall(text_of(page))
    ]


def prose(page: Path) -> str:
    return _FENCE.sub("", text_of(page))


def sections(page: Path) -> list[str]:
    """The headings' depths, in order."""
    return [marks for marks, _ in _HEADING.findall(prose(page))]


def table_spans(page: Path) -> list[list[str]]:
    """The code spans of every table's row that has any."""
    rows = [line for line in prose(page).splitlines() if line.lstrip().startswith("|")]
    return [spans for row in rows if (spans := _SPAN.findall(row))]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    names = (name.lower().replace(" ", "-") for _, name in _HEADING.findall(prose(page)))
    return {re.sub(r"[^\w-]", "", name) for name in names}


def links(page: Path) -> list[str]:
    """The links to files of this repository and to headings."""
    return [link for link in _LINK.findall(prose(page)) if "://" not in link]


def code(page: Path) -> list[str]:
    """Every code span and every line of a code block."""
    lines = [line for _, block in code_blocks(page) for line in block]
    return [*_SPAN.findall(prose(page)), *lines]
