"""A trained model: its description, its networks made again from its weights, its use, its export and its card."""
