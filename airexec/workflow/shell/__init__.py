"""Values into the commands of a shell: the place where each stands, and its quotes."""
