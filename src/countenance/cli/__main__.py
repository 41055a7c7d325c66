"""`python -m countenance.cli`: the same as the command `countenance`."""

from countenance.cli.app import main

main()
