"""python tests/check_cdnow.py CDNOW_sample.txt, in ml: fits the published sample and says what is as known.

39 weeks are fitted and 39 held out; a day's transactions are one purchase. Known are: parameters and
log-likelihood of BG/NBD and Pareto/NBD from Fader, Hardie & Lee 2005, parameters of Gamma-Gamma from Fader &
Hardie 2013, and how good their forecasts are from an independent implementation. The data is not in the
repository, so this is no part of the tests.
"""

import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from throughline import bg_nbd, pareto_nbd
from throughline.bg_nbd import expected_purchases, fit_bg_nbd
from throughline.gamma_gamma import expected_spend, fit_gamma_gamma
from throughline.pareto_nbd import fit_pareto_nbd

END = date(1997, 9, 30)
WEEKS = 39.0


def read(path: Path) -> np.ndarray:
    """(C, 6): repeat purchases, weeks to the last and to the end, mean dollars; purchases, dollars after."""
    dollars: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in path.read_text().splitlines():
        _, customer, day, _, amount = line.split()
        dollars[customer][date.fromisoformat(day)] += float(amount)
    rows = []
    for days in dollars.values():
        past = sorted(day for day in days if day <= END)
        later = [amount for day, amount in days.items() if day > END]
        values = [days[day] for day in past[1:] if days[day] > 0]
        weeks = [(day - past[0]).days / 7 for day in (past[-1], END)]
        rows.append([len(past) - 1, *weeks, np.mean(values) if values else 0, len(later), sum(later)])
    return np.array(rows)


def area_under_curve(score: np.ndarray, label: np.ndarray) -> float:
    """Share of pairs of one who bought and one who did not that are in order; ties count half."""
    yes, no = score[label], np.sort(score[~label])
    below = np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")
    return float(below.sum() / 2 / (len(yes) * len(no)))


def main() -> int:
    x, t_x, age, mean, later, spent = read(Path(sys.argv[1])).T
    fit, spend = fit_bg_nbd(x, t_x, age), fit_gamma_gamma(x, mean)
    no_traits = np.zeros((len(x), 0))
    leaving = fit_pareto_nbd(no_traits, x, t_x, age)
    foretold = expected_purchases(fit, x, t_x, age, WEEKS)
    foretold_spend = foretold * expected_spend(spend, x, mean)
    checks = [
        ("customers", len(x), 2357, 0),
        ("r", fit.r, 0.2426, 5e-5),
        ("alpha, weeks", fit.alpha, 4.4136, 5e-5),
        ("a", fit.a, 0.7929, 5e-5),
        ("b", fit.b, 2.4259, 5e-5),
        ("log-likelihood", bg_nbd.log_likelihood(fit, x, t_x, age)[0], -9582.43, 5e-3),
        ("Pareto/NBD r", leaving.r, 0.553, 5e-4),
        ("Pareto/NBD alpha, weeks", leaving.alpha, 10.578, 5e-4),
        ("Pareto/NBD s", leaving.s, 0.606, 5e-4),
        ("Pareto/NBD beta, weeks", leaving.beta, 11.669, 5e-4),
        ("its log-likelihood", pareto_nbd.log_likelihood(leaving, no_traits, x, t_x, age)[0], -9594.98, 5e-3),
        ("transactions RMSE", np.sqrt(((foretold - later) ** 2).mean()), 1.608, 5e-4),
        ("transactions foretold", foretold.sum(), 1653, 0.5),
        ("transactions seen", later.sum(), 1882, 0),
        ("AUC, buys again", area_under_curve(foretold, later > 0), 0.7725, 5e-5),
        ("p", spend.p, 6.25, 5e-3),
        ("q", spend.q, 3.74, 5e-3),
        ("gamma, dollars", spend.gamma, 15.44, 5e-3),
        ("spend RMSE, dollars", np.sqrt(((foretold_spend - spent) ** 2).mean()), 72.30, 5e-3),
    ]
    for name, came, expected, within in checks:
        print(f"{'✓' if abs(came - expected) <= within else '✗'} {name:<25}{came:>12.4f}   {expected}")
    return int(any(abs(came - expected) > within for _, came, expected, within in checks))


if __name__ == "__main__":
    sys.exit(main())
