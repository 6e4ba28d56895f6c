"""What a network is and does: populations, projections, programs of phases."""
