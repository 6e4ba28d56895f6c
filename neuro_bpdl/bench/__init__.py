"""How fast the engines are, beside the floors that BLAS and memory set on the same machine."""
