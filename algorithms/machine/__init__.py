"""The graph machine: state, what a step is, and what executes it."""
