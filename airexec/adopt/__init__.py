"""What other tools run, into a workflow file to go on with: a reader for each tool, and the writer of what was read."""
