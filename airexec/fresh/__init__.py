"""Whether a task has anything new to do: what it read and made when it last succeeded, and what that is by now."""
