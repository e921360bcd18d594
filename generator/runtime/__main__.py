"""`python -B -m runner`: carries out the run whose pod this is."""

from __future__ import annotations

from .runner import main

main()
