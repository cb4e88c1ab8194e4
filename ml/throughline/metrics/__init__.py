"""How good rankings, probabilities and amounts are, each formula once; and how sure that is."""
