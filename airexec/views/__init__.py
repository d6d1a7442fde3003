"""How a run looks: while it goes on (`live`), and when somebody asks (`inspect`). It reads, and changes nothing."""
