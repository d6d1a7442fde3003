"""The published JSON Schemas, what breaks them, and how that is said."""
