"""Several commands in a row: the demo."""
