"""Finished and running runs, read from their journals: which one is meant, how it stands, what it printed."""
