"""Fuzzing: whatever is in a file, a run ends with a deck or with findings.

Each target is a test, and ``make test`` tries a fixed share. ``make fuzz MINUTES=…`` tries
them all by chance for as long as you like, on every core (``python -m tests.fuzz``).
"""
