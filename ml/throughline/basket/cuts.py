"""Earlier cuts to learn and to choose on: each asks about the days after it, knowing only the days before.

    … train  train  train | validation span | test span
      as of every few days, answered before the validation begins

Protocol. The test is asked as of `test.as_of_ms`. Validation is asked one span earlier, as of test − L; its
models learn from cuts whose answers lie wholly before that. When members and blend are chosen, the members
are fitted again on cuts whose answers lie wholly before the test: the validation span is history by then.
L is the test span, but at most a third of the history, so that a short log keeps cuts to learn from.
L and the steps are whole days where they can be: in a log with times by the day an age then means the same
at each cut.
"""

from dataclasses import dataclass

import numpy as np

from .log import DAY_MS, BasketLog, Span

STEPS_A_SPAN = 4
MOST_CUTS = 8
LEAST_HISTORY = 0.2  # of the time before the test, ahead of the first cut


@dataclass(frozen=True)
class Cuts:
    test: Span
    validation: Span
    before_validation: tuple[Span, ...]  # newest first
    before_test: tuple[Span, ...]


def span_and_step(longest_ms: float) -> tuple[float, float]:
    """A span of so many steps, in whole days where a step is at least a day."""
    step = longest_ms / STEPS_A_SPAN
    if step < DAY_MS:
        return longest_ms, step
    step = np.floor(step / DAY_MS) * DAY_MS
    return np.floor(longest_ms / step) * step, step


def cuts_of(log: BasketLog, test: Span) -> Cuts:
    start = float(log.at_ms.min())
    history = test.as_of_ms - start
    length, step = span_and_step(min(test.until_ms - test.as_of_ms, history / 3))
    earliest = start + LEAST_HISTORY * history

    def back_from(limit: float) -> tuple[Span, ...]:
        moments = limit - length - step * np.arange(MOST_CUTS)
        return tuple(Span(float(one), float(one) + length) for one in moments if one >= earliest)

    validation = Span(test.as_of_ms - length, test.as_of_ms)
    return Cuts(test, validation, back_from(validation.as_of_ms), back_from(test.as_of_ms))
