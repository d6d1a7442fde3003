"""What a task does: one file per kind of action, with what the file, the graph and the store need to know of it.

How an attempt carries it out stands in `airexec.attempt.kinds`, a file of the same name each.
"""
