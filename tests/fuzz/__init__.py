"""Fuzzing: whatever stands in a file, a run ends with a deck or with findings.

Each target is a test, of which ``make test`` tries a fixed share. ``make fuzz MINUTES=…`` tries
them all by chance for as long as it is told, on every core (``python -m tests.fuzz``).
"""
