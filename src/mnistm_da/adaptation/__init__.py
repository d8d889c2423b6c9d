"""Domain adaptation: the contract (`algorithm.py`), and a room for each thing an adaptation needs. No Kedro here."""
