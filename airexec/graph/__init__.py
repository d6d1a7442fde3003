"""The graph of a plan: a file read into it, what is asked of it as a whole, and the formats of `airexec graph`."""
