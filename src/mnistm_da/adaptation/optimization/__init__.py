"""The training loop, and what it stands on: device, precision, the state that lets a stopped training go on."""
