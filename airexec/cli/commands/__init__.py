"""The commands, a file each: options in, one call, what it prints, an exit code."""
