"""`python -m wordfit`."""

from wordfit.cli.main import main

main()
