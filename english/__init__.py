"""The English of the project, checked by proselint: `python -m english`."""
