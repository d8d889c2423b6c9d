"""The checker of the English: which texts it reads, and which findings fail."""

import json

import pytest

from english.__main__ import findings, load, main
from english.texts import texts

LONG = " ".join(["word"] * 31) + "."


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        (
            "page.md",
            "# Title\n\nOne `piece.of` code,\ntwo lines.\n\n    no prose\n",
            [(1, "Title"), (3, "One Name code, two lines.")],
        ),
        ("page.html.jinja", "<p>\nWith <b>{{ value }}</b> bold.</p>", [(2, "With Name bold.")]),
        ("set.yml", "# One\n# comment.\nkey: 1 # another\n", [(1, "One comment."), (3, "another")]),
        ("page.js", "/* One\ncomment. */\nlet url = 'http://x' // more", [(1, "One comment."), (3, "more")]),
        ("data.json", "{}", []),
        (
            "code.py",
            '"""Head.\n\nArgs:\n    one: a\n        b.\n    two: c.\n"""\n'
            'x = f"a message with {1} value, for people"\ny = "a key"  # why\n',
            [
                (9, "why"),
                (1, "Head."),
                (3, "Args:"),
                (4, "one: a b."),
                (6, "two: c."),
                (8, "a message with Name value, for people"),
            ],
        ),
    ],
)
def test_the_texts_of_a_file_have_their_lines(tmp_path, name, content, wanted):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert texts(tmp_path / name) == wanted


def test_a_notebook_has_texts_in_markdown_and_comments(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "\n", "A text."]},
        {"cell_type": "code", "source": ["x = 1  # why\n"]},
    ]
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps({"cells": cells}, indent=1), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [text for _, text in texts(path)] == ["Title", "A text.", "why"]
    assert ["Title" in lines[texts(path)[0][0] - 1], "A text" in lines[texts(path)[1][0] - 1]] == [True, True]


@pytest.mark.parametrize(
    ("sentence", "check"),
    [
        (LONG, "house.length"),
        ("Say what is meant.", "house.never"),
        ("It has a place of its own.", "house.never"),
        ("There are images and no labels.", "house.never"),
        ("An unlabeled image.", "house.terms"),
        ("Keep an eye on the loss.", "cliches"),
    ],
)
def test_a_finding_names_line_and_check(tmp_path, sentence, check):
    (tmp_path / "page.md").write_text(f"A short sentence. Another one.\n\n{sentence}\n", encoding="utf-8")
    [found] = findings(tmp_path / "page.md", load())
    assert found.startswith("3: ")
    assert f"[{check}" in found


def test_numbers_abbreviations_and_lists_of_names_make_no_sentence_long(tmp_path):
    names = ", ".join(["`a_name`"] * 40)
    halves = "Word" + " word" * 19
    (tmp_path / "page.md").write_text(f"See {names}.\n\n{halves}. {halves}.\n\n{'1.5 ' * 40}\n\nSee e.g. Paul.\n")
    assert findings(tmp_path / "page.md", load()) == []


def test_a_finding_fails(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("A short sentence.\n", encoding="utf-8")
    assert (main([str(page)]), capsys.readouterr().out) == (0, "")
    page.write_text(LONG, encoding="utf-8")
    assert main([str(page)]) == 1
    assert capsys.readouterr().out.startswith(f"{page}:1: 31 words in a sentence")
