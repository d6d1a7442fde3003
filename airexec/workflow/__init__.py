"""What the user wrote: the model, the loader with its diagnostics, schema, templates, matrix, queue lines."""
