"""The demo's store without its HTTP: the town's posts taken in at once, by the real judge, the clock stopped."""

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from listener.clock import ManualClock
from listener.demo.play import write_config
from listener.demo.town import address
from listener.demo.world import load_world
from listener.house import open_house
from listener.records import Post, SourceHealth
from listener.shipped import shipped
from listener.store.gathered import Visit
from listener.urls import host_of, post_key

PORT = 18_640  # stands in the addresses; nobody listens there


def town_store(folder: Path) -> Path:
    """What `listener demo` leaves in `folder`, but for digests and mails. Returns the store's path; takes seconds."""
    world = load_world(shipped("demo"))
    write_config(folder / "config", world, PORT)
    over = datetime.combine(world.last_day + timedelta(days=1), time(7), ZoneInfo(world.time_zone))
    clock = ManualClock(over)
    bases = {site.id: address(site.id, PORT + number) for number, site in enumerate(world.sites)}
    with open_house(folder / "config", clock) as house:
        house.store.sync_sources(house.config.source_records(), world.said[0].at)
        posts = []
        for said in world.fetchable():
            base = bases[said.site]
            thread = world.threads[said.thread]
            url = f"{base}/t/{thread[0].number}#p{said.number}"
            posts.append(
                Post(
                    source=said.site,
                    platform=host_of(url),
                    url=url,
                    key=post_key(url),
                    thread_url=f"{base}/t/{thread[0].number}",
                    thread_title=said.title,
                    position=thread.index(said),
                    author=said.author,
                    text=said.text,
                    fetched=said.at + timedelta(minutes=5),
                    published=said.at,
                    quotes=(said.quote,) if said.quote else (),
                    likes=said.likes,
                )
            )
        house.intake.take(posts)
        for hours in range(48, 0, -1):
            at = over - timedelta(hours=hours)
            house.store.claim_sources(at, house.owner, 9, timedelta(minutes=5), 9, list(bases))
            soon = at + timedelta(hours=1)
            visits = [Visit(SourceHealth(name, at, "heard", posts=1), {}, soon, 3600) for name in bases]
            house.store.finish_visits(visits, house.owner)
        for brand in house.config.brands:
            house.store.set_looked_until(brand.id, world.crisis_began - timedelta(hours=1))
        for minutes in (20, 60, 90, 180):
            clock.set(world.crisis_began + timedelta(minutes=minutes))
            house.watch()
        return house.config.store_path
