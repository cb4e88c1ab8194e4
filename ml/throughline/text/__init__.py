"""The static text encoder: distilled from a sentence encoder, read, and judged."""
