"""Models that answer "which product next?" from the order of a shopper's products alone."""
