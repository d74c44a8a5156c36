"""Teaching a trained processor one more algorithm."""
