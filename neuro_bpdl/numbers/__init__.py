"""Numbers that are the same everywhere: activations, widths, quantised settings, random streams."""
