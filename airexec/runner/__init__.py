"""The only place with processes: spawn, pump output, signals."""
