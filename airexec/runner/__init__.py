"""The executor of this machine, and the only place with processes: starting, output, signals, what is left behind."""
