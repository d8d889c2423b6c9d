"""Domain adaptation: the contract, the networks, the loop, honest evaluation. No Kedro here."""
