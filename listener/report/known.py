"""What a report of any length must know of the config and of the judging."""

from listener.advise.facts import Accuracy
from listener.config import Config
from listener.judge.measure import ENOUGH, measure, shipped
from listener.store.protocol import Store


def listens(config: Config, source: str, brand: str) -> bool:
    """Whether a source is in the config and listens for a brand."""
    part = next((part for part in config.sources if part.name == source), None)
    return part is not None and (not part.brands or brand in part.brands)


def accuracy(store: Store, brand: str) -> Accuracy | None:
    """How right the judging is on the user's own labels once there are enough of them, else as it was shipped."""
    measured = measure(store.labelled(brand))
    right = measured.feeling.right
    if right.n >= ENOUGH:
        low, high = right.interval
        topic = measured.topic_right.value if measured.topic_right.n >= ENOUGH else None
        picked = 2 * measured.chosen.get("random", 0) < measured.labels
        return Accuracy(right.value, topic, right.n, low, high, picked)
    quoted = [figure for figure in shipped() if figure.quoted and figure.n]
    n = sum(figure.n for figure in quoted)
    if not n:
        return None
    return Accuracy(sum(figure.accuracy * figure.n for figure in quoted) / n, None, n, shipped=True)
