"""From a task to its verdict: everything about one attempt, whoever starts it and whatever run it belongs to."""
