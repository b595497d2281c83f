"""The promises to learners, tried again by chance, by other readers than our own.

``python -m tests.sweep`` tries all of them (an hour or more), ``--part 1/100`` a share of each.
Three sweeps: random HTML and Markdown, formulas, and cards on their whole way through a real Anki
into a browser. Each begins with cards that are known to be bad: eyes that do not see those see
nothing.
"""
