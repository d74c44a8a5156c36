"""Training a processor on a suite of algorithms."""
