"""What a training is given beside its rows. A checkpoint is gone on from only where all of it is the same."""

from dataclasses import dataclass


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
