"""What a training is given beside its rows. A checkpoint is gone on from only where all of it is the same."""

from dataclasses import dataclass, replace

STEPS_AN_EPOCH = 25  # at least
SMALLEST_BATCH = 16  # at the usual rate; of 11, next to nothing is learned


@dataclass
class Settings:
    seed: int = 1
    epochs: int = 16
    patience: int = 4
    batch: int = 64  # windows
    learning_rate: float = 2e-3
    behaviour_weight: float = 0.1
    behaviour_told: float = (
        0.5  # of the places, how many are told the type of the event that turns to the next item
    )
    basket_share: float = 0.5  # of the events inside a group, how many learn the rest of the group
    pictures: bool = True  # the item tower reads pictures where the rows have them

    def for_windows(self, windows: int, smallest: int = SMALLEST_BATCH) -> "Settings":
        """Smaller batches where there is little, else an epoch would be a step or two."""
        return replace(self, batch=min(self.batch, max(smallest, windows // STEPS_AN_EPOCH)))
