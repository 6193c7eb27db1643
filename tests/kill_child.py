"""The child that test_nothing_lost kills: whole rounds over and over, until somebody ends it.

    python -m tests.kill_child CONFIG HOURS once|forever

HOURS after the town's end is when it wakes up: later than any lease that a killed one held.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from listener.clock import ManualClock
from listener.gather import loop
from listener.house import open_house

OVER = datetime.fromisoformat("2026-03-23T07:00:00+08:00")


async def rounds(folder: Path, hours: int, forever: bool) -> None:
    clock = ManualClock(OVER + timedelta(hours=hours))
    with open_house(folder, clock) as house:
        while True:
            await house.gather([source.name for source in house.config.sources])
            for brand in house.config.brands:
                if house.store.looked_until(brand.id) is None:
                    house.store.set_looked_until(brand.id, OVER - timedelta(days=2))
            house.watch()
            for brand in house.config.brands:
                if brand.digest_to:
                    for back in (1, 2, 3):
                        house.digest(brand, (OVER - timedelta(days=back)).astimezone(brand.zone).date())
            await house.send()
            if not forever:
                return
            clock.advance(timedelta(minutes=30))
            await asyncio.sleep(0)


if __name__ == "__main__":
    print("up", flush=True)
    loop.run(lambda: rounds(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "forever"))
