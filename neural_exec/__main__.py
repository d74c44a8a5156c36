"""`python -m neural_exec` is `neural-exec`."""

from neural_exec.cli.main import main

main(prog_name="neural-exec")
