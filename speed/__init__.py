"""Speed, side by side with what one would pick instead; see README.md and `make bench`."""
