"""The deck's formulas, checked by arithmetic: each by two computations that share nothing."""
