"""What docstrings say, by section."""

import inspect
from dataclasses import dataclass

import griffe

from website.markdown import with_papers

WHEN = "When to use"


@dataclass(frozen=True)
class Said:
    """A docstring in Google's style.

    Attributes:
        text: without its sections, as Markdown.
        when_to_use: the section of that name, which algorithms have.
        attributes: meaning by name.
    """

    text: str
    when_to_use: str
    attributes: dict[str, str]


def read(thing: object) -> Said:
    """Read the docstring of a module, class or function; an inherited one is none."""
    text = inspect.cleandoc(getattr(thing, "__doc__", None) or "")
    texts, when = [], ""
    attributes: dict[str, str] = {}
    for section in griffe.Docstring(text).parse("google", warnings=False):
        if section.kind is griffe.DocstringSectionKind.text:
            texts.append(section.value)
        elif section.kind is griffe.DocstringSectionKind.attributes:
            attributes |= {one.name: one.description for one in section.value}
        elif section.title == WHEN:
            when = section.value.description
    return Said(with_papers("\n\n".join(texts)), with_papers(when), attributes)
