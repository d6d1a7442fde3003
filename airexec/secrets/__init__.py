"""What must not be seen: the names of secrets, the spellings that they come in, and how they are hidden."""
