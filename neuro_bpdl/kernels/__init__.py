"""One layer, one time step: what a chip computes, as plain array code without Lava."""
