"""Who buys again, how often and for how much: models of customers, stacked on BG/NBD and Gamma-Gamma."""
