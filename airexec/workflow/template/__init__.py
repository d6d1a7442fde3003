"""Templates: rendering them, and finding their mistakes before a run. Only `templates` is imported by every run."""
