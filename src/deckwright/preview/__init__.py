"""Pages of a deck for a browser: to look at its cards, and to study them."""
