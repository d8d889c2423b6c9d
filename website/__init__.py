"""The documentation site: what MkDocs is told beside `mkdocs.yml`, and the pages that are made of code and results."""
