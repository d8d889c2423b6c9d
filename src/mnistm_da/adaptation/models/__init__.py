"""A trained model: what it was made with, how it is made again from its weights, used, exported and described."""
