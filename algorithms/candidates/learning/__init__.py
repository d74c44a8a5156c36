"""Learning from data."""
