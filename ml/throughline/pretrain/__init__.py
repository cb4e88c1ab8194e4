"""A base model over several logs, without ids of their products, and its adaptation to one log."""
