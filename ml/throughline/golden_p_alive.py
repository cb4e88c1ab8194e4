"""python -m throughline.golden_p_alive writes golden-p-alive.json: customers and their P(alive).

The program computes P(alive) itself (app/journey/p-alive.ts), from parameters fitted here.
"""

import json
from pathlib import Path

import numpy as np

from .bg_nbd import BgNbd, p_alive

FILE = Path(__file__).parent.parent / "golden-p-alive.json"

FITS = (
    BgNbd(r=0.2426, alpha=30.8952, a=0.7929, b=2.4259),  # the paper's CDNOW fit, in days
    BgNbd(r=4.2, alpha=120.0, a=0.05, b=30.0),
    BgNbd(r=0.01, alpha=0.5, a=60.0, b=0.02),
)
# Repeat purchases, days to the last, days to the moment.
CUSTOMERS = (
    (0, 0.0, 0.0),
    (0, 0.0, 900.0),
    (1, 0.25, 0.25),
    (1, 14.0, 380.5),
    (3, 90.0, 91.0),
    (7, 210.0, 365.0),
    (40, 300.0, 302.0),
    (40, 300.0, 420.0),
    (2_500, 3_600.0, 3_601.0),
    (2_500, 3_600.0, 36_000.0),
)


def golden() -> list[dict]:
    x, t_x, age = (np.array(column, float) for column in zip(*CUSTOMERS, strict=True))
    return [
        {
            "parameters": fit.as_dict(),
            "repeats": [one[0] for one in CUSTOMERS],
            "last_days": t_x.tolist(),
            "age_days": age.tolist(),
            "p_alive": p_alive(fit, x, t_x, age).tolist(),
        }
        for fit in FITS
    ]


if __name__ == "__main__":
    FILE.write_text(json.dumps(golden(), indent=2) + "\n")
