"""The field's networks, to stand beside the executor."""
