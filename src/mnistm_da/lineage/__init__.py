"""What every saved version was made from, and what follows: what is stale, what belongs together, what can go.

Knows Kedro, but nothing of this project's subject; could be lifted out.
"""
