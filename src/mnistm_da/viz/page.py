"""What `make viz` and `make site` change in what kedro-viz serves."""

import re
from importlib.resources import files

from mnistm_da.pipelines import DEFAULT_PIPELINE

OPEN_DEFAULT_PIPELINE = (
    f"<script>if (!location.search) history.replaceState(null, '', '?pid={DEFAULT_PIPELINE}')</script>"
)
SCROLL_TALL_DRAWINGS = (
    "<style>[class*=mermaid-renderer--modal], [class*=mermaid-renderer__content] { align-items: safe center }</style>"
)
"""kedro-viz centres a drawing that is taller than its window, whose top could not be scrolled to."""


def local(page: str) -> str:
    """Let kedro-viz's page use the reader's fonts, not another host's, and scroll.

    It begins with the default pipeline, at a zoom where labels can be read.
    """
    page = re.sub(r'<link\s[^>]*"https://fonts\.[^>]*>\s*', "", page)
    open_readable = f"<script>{files(__package__).joinpath('open_readable.js').read_text(encoding='utf-8')}</script>"
    page = page.replace("<head>", f"<head>{OPEN_DEFAULT_PIPELINE}{open_readable}", 1)
    return page.replace("</head>", f"{SCROLL_TALL_DRAWINGS}</head>", 1)


def in_env(answer: str, env: str | None) -> str:
    """Let the command of a node run in the environment that is shown; kedro-viz's own leaves it out."""
    return answer.replace("kedro run --to-", f"kedro run --env={env} --to-") if env else answer
