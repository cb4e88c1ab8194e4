"""Several processes train one model (torchrun): what each of them does, and the same for one process.

Every process walks through the same batches and learns from its share of each one's windows. Losses are
sums, divided by the number of targets in all shares. torch's DistributedDataParallel averages gradients over
the processes, so a share's loss is multiplied by their number. The step is then that of one process with the
whole batch, up to the order of additions, and dropout that each process draws for itself.
"""

import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Ranks:
    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """It alone writes files and validates."""
        return self.rank == 0

    def share(self, rows):
        """Of a batch's rows, in the order of the batch: every `count`-th."""
        return rows[self.rank :: self.count]

    def total(self, counts: Tensor) -> Tensor:
        """Sum over all processes."""
        if self.count > 1:
            dist.all_reduce(counts)
        return counts

    def told(self, value: object) -> object:
        """What the first process says, in all of them."""
        if self.count == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, src=0)
        return box[0]

    def averaging(self, module: nn.Module) -> nn.Module:
        """The module, its gradients averaged over the processes after each backward pass."""
        if self.count == 1:
            return module
        # A batch may hold nothing for a head to learn: its parameters then have no gradient in this process.
        return DistributedDataParallel(module, find_unused_parameters=True)


ALONE = Ranks()


def join_ranks() -> Ranks:
    """Under torchrun its environment says who this process is; else it is alone. gloo: on processors."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return ALONE
    if not dist.is_initialized():
        dist.init_process_group("gloo")
    return Ranks(dist.get_rank(), dist.get_world_size())


def leave_ranks(ranks: Ranks) -> None:
    """Together: a process that closed its connections early would end those that still listen to it."""
    if ranks.count > 1:
        dist.barrier()
        dist.destroy_process_group()


def seed_of_process(seed: int, ranks: Ranks) -> None:
    """What all processes draw alike goes by generators of their own; dropout differs between processes."""
    torch.manual_seed(seed + 7_919 * ranks.rank)
