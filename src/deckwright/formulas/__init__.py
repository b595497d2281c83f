"""LaTeX in cards: macros, clozes, what is allowed, and what MathJax makes of it."""
