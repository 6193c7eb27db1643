"""The child that test_rejudge kills: judges a store anew, one post a batch, and tells each on standard output.

python -m tests.rejudge_child CONFIG
"""

import sys
import time
from pathlib import Path

import listener.again.rejudge as room
from listener.clock import ManualClock
from listener.house import open_house
from tests.helpers_house import NOW


def told(posts: int) -> None:
    print("batch", flush=True)
    time.sleep(0.02)  # time for the parent to strike between two of them


if __name__ == "__main__":
    room.BATCH = 3
    with open_house(Path(sys.argv[1]), ManualClock(NOW)) as house:
        room.Rejudging(house.store, house.config, house.clock, house.intake).run(told)
    print("done", flush=True)
