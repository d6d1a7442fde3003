"""The job manager: looks at all job folders, and gives each that has something to do a runner of its own."""
