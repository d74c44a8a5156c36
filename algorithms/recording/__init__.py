"""An author's code, run on registers that write down what it looks at and does: a machine, and runs."""
