"""The DAG: networkx build, cycles, critical path, splice check, and the formats of `airexec graph`."""
