"""The next basket: candidates of many simple models, ranked by models stacked on their scores."""
