"""typer: arguments to options to one call to an exit code; imports lazily."""
