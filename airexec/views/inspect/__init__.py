"""What is said of a run on request: status, why, history, its picture. Values in, lines out."""
