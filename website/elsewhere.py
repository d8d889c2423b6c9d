"""Addresses that open the notebooks on other machines: they have the repository's name in them, which only CI knows."""

import os
import re

NAME = "OWNER/NAME"
"""What pages write for the name of the repository."""

ADDRESS = re.compile(rf"`(https://[^`]*{NAME}[^`]*)`")


def with_buttons(text: str) -> str:
    """Make each address that has the repository's name in it a button; without such a name, the page stays as it is.

    Args:
        text: Markdown. `GITHUB_REPOSITORY` of the environment, which GitHub's runners set, has the name.
    """
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    return ADDRESS.sub(r"[Open](\1){ .md-button }", text).replace(NAME, repository) if repository else text
