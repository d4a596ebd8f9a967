"""`python -m recommender` is `recommend`."""

from recommender.main import main

main()
