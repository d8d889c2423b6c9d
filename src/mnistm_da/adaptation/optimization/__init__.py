"""The training loop and its parts: device, precision, and the state that lets a stopped training go on."""
