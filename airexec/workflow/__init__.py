"""What the user wrote: the model, the loader with its diagnostics, templates, matrix, queue lines."""
