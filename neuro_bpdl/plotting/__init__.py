"""One drawing kit: colours, panels, image grids."""
