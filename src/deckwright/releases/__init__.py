"""What learners have, and what the next release changes for them."""
