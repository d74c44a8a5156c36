"""`python -m neural_exec` is `neural-exec`."""

from neural_exec.cli import main

main(prog_name="neural-exec")
