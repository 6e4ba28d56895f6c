"""One neuron program: basal, apical and soma as one neuron with several input accumulators, described for a chip."""
