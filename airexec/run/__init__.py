"""A run from the lock of its job to its exit code: the one place where clock, executor and journal meet."""
