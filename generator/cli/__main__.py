"""`python -m generator.cli` is `flowhelm`."""

from generator.cli import main

main()
