"""LaTeX: what a formula may hold, and what Anki's own MathJax makes of it."""
