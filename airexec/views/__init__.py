"""Events to console, plain lines, JSON, JUnit, CI annotations. A view reads events and changes nothing."""
