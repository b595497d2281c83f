"""A card's text, made into the HTML of its fields."""
