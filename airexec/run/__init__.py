"""The loop: the one place where clock, processes and journal meet."""
