"""The map for people: one page that needs nothing else, and a picture."""
