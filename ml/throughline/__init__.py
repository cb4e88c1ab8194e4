"""The pipeline: from a shop's training rows to a model artifact. It derives no input; app/features does."""
