"""Domain adaptation: the contract (`algorithm.py`), and a folder for each of its parts. No Kedro here."""
