"""A deck's folder → cards."""
