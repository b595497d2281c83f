"""What Anki's own MathJax makes of LaTeX; knows nothing of cards."""
