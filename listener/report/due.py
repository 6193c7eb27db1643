"""Which digests are due: known from the config, the store and the clock alone."""

from datetime import date, datetime, timedelta

from listener.config import Brand, Config
from listener.store.protocol import Store


def due_digests(store: Store, config: Config, now: datetime) -> tuple[tuple[Brand, date, bool], ...]:
    """Digests whose time has come and that were not made yet: (brand, day, late), oldest first.

    A brand's first digest is about the first whole day after its first gathering, so that a fresh store does
    not mail a row of empty days.
    """
    service = config.main.service
    due = []
    for brand in config.brands:
        local = now.astimezone(brand.zone)
        newest = local.date() - timedelta(days=1 if local.time() >= service.digest_at else 2)
        made = set(store.digest_days(brand.id))
        began = _began(store, brand, now)
        for back in range(service.missed_days, -1, -1):
            day = newest - timedelta(days=back)
            if day not in made and began is not None and day >= began:
                due.append((brand, day, back > 0))
    return tuple(due)


def next_digest(brand: Brand, config: Config, now: datetime) -> datetime:
    """When the brand's next digest is made, UTC or the brand's own zone: an aware moment after `now`."""
    local = now.astimezone(brand.zone)
    at = config.main.service.digest_at
    day = local.date() + timedelta(days=0 if local.time() < at else 1)
    return datetime.combine(day, at, brand.zone)


def _began(store: Store, brand: Brand, now: datetime) -> date | None:
    """The first day, in the brand's zone, on which any source of the store was heard; None if none was yet."""
    heard = [line.first_heard for line in store.source_lines(now) if line.first_heard]
    return min(heard).astimezone(brand.zone).date() if heard else None
