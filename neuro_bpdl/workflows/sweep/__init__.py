"""Many runs at once on Dask: a file says which, every run is a folder, and what is interrupted goes on."""
