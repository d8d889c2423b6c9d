"""Text in figures is text: no ``$…$`` of it is mathematics, and what the font cannot draw is written as its code."""

import functools
from collections.abc import Callable
from typing import ParamSpec

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

P = ParamSpec("P")


def text_is_text(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Let a function that draws a figure take any text for its titles, labels and legends.

    Matplotlib writes the labels of ticks anew when it saves a figure: those are to be made by `drawable`.
    """

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        figure = draw(*args, **kwargs)
        for text in figure.findobj(Text):
            assert isinstance(text, Text)
            text.set_parse_math(False)
            text.set_text(drawable(text.get_text(), text.get_fontproperties()))
        return figure

    return drawn


def drawable(text: str, properties: FontProperties | None = None) -> str:
    r"""Give a text in which letters that the font lacks, and control characters, are written as ``\u6570``.

    A new line stays one.
    """
    has = _letters(findfont(properties or FontProperties()))
    return "".join(
        letter
        if letter == "\n" or (ord(letter) in has and letter.isprintable())
        else letter.encode("ascii", "backslashreplace").decode()
        if not letter.isascii()
        else repr(letter)[1:-1]
        for letter in text
    )


@functools.cache
def _letters(path: str) -> frozenset[int]:
    return frozenset(get_font(path).get_charmap())
