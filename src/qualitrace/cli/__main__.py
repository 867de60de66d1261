"""``python -m qualitrace.cli``."""

from qualitrace.cli.app import main

main()
