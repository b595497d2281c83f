"""Faults: whatever happens to a run, what is on the disk is the old or the new, whole."""
