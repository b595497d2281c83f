"""A card → its fields."""
