"""`evaluate`: trains every baseline and model on what comes before, and reports what each is worth after."""
