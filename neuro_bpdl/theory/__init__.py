"""The paper's mathematics in numpy: one file, one concept. The oracle of what to compute."""
