"""What `make viz` and `make site` change in what kedro-viz serves."""

import re

from mnistm_da.pipelines import FIRST

BEGIN = f"<script>if (!location.search) history.replaceState(null, '', '?pid={FIRST}')</script>"
TALL = (
    "<style>[class*=mermaid-renderer--modal], [class*=mermaid-renderer__content] { align-items: safe center }</style>"
)
"""kedro-viz centres a drawing that is taller than its window, whose top could not be scrolled to."""


def local(page: str) -> str:
    """Let kedro-viz's page use the reader's own fonts, not another host's, begin with `FIRST` and scroll drawings."""
    page = re.sub(r'<link\s[^>]*"https://fonts\.[^>]*>\s*', "", page)
    return page.replace("<head>", f"<head>{BEGIN}", 1).replace("</head>", f"{TALL}</head>", 1)


def in_env(answer: str, env: str | None) -> str:
    """Let the command of a node run in the environment that is shown; kedro-viz's own leaves it out."""
    return answer.replace("kedro run --to-", f"kedro run --env={env} --to-") if env else answer
