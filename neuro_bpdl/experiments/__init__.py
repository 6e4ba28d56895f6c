"""The paper's experiments, from data to figure and JSON: one file, one experiment."""
