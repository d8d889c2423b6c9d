"""Check the English of the files that git tracks, or of those that are named: `python -m english [PATH …]`.

The exit status is 1 if a file has a finding.
"""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from proselint.checks import __register__
from proselint.registry import CheckRegistry
from proselint.tools import LintFile

from .checks import checks
from .texts import texts

HERE = Path(__file__).parent


def main(named: list[str]) -> int:
    """Print each finding as `path:line: message`, and give 1 if there is one."""
    settings = load()
    listed = named or subprocess.check_output(["git", "ls-files"], cwd=HERE.parent, text=True).splitlines()
    failed = False
    for name in sorted(set(listed) - set(settings["unread"])):
        path = HERE.parent / name
        for found in findings(path, settings) if path.is_file() else ():
            print(f"{name}:{found}")
            failed = True
    return int(failed)


def load() -> dict[str, Any]:
    """Read the settings, and tell proselint of our checks, once."""
    settings = tomllib.loads((HERE / "settings.toml").read_text(encoding="utf-8"))
    registry = CheckRegistry()
    if not registry.checks:
        registry.register_many((*__register__, *checks(settings)))
    return settings


def findings(path: Path, settings: dict[str, Any]) -> list[str]:
    """Give the findings of a file, each as `line: message`, with the text that it is about on a second line."""
    found = texts(path)
    if not found:
        return []
    # Each paragraph is one line of what proselint reads; it puts a line break before the first.
    linted = LintFile(path, "\n".join(text for _, text in found))
    enabled = dict.fromkeys(["house", *settings["on"]], True)
    result = []
    for check, _ in linted.lint({"max_errors": 10_000, "checks": enabled}):
        begin, end = check.span
        line, _ = found[linted.content.count("\n", 1, max(begin, 1))]
        result.append(f"{line}: {check.message} [{check.check_path}]\n    {linted.content[begin:end].strip()}")
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
