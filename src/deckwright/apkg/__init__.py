"""Notes → an Anki package."""
