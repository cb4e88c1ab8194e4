"""Models of a plain table: forests, boosted trees, a linear model, their blend as a graph."""
