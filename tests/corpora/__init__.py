"""Decks in the style of those that people have, and how many of their cards have an error."""
