"""Kedro datasets of this project: raw sources and crash-safe, versioned artifacts."""
