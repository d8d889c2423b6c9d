"""The record of each saved version, and the answers it gives: which results are stale, match, or can be deleted.

Knows Kedro, but nothing of this project's subject; could be lifted out.
"""
