"""YAML text into plain data, and where each part of it stands."""
