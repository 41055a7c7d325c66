"""One module per step, named in the order in which they run."""
