"""Which crisis type a matter proposes to be (Coombs 2007, Situational Crisis Communication Theory), and why.

The type says how much blame people will lay on the brand: victim (it suffers too), accidental (unintended),
preventable (it could have avoided it). A topic has its usual type; what the evidence says can only make it graver.
"""

from collections.abc import Sequence
from datetime import date

from listener.advise.matter import Cluster, ClusterGround
from listener.advise.quotes import tag_of
from listener.advise.scene import Scene
from listener.config import Topic
from listener.records import Judged
from listener.store.protocol import Matter

STANDING_DAYS = 10  # of the last 30: known for long
IGNORED_SHARE = 0.2  # of the voices, and two of them
WAITED_DAYS = 2  # since it was advised, without an answer
UNHEARD = "unresponsive-service"


def cluster_of(
    scene: Scene, topic: Topic, posts: Sequence[Judged], standing_days: int, matter: Matter | None, *, answered: bool
) -> Cluster | None:
    """The proposed type with its grounds; None where the topic has none.

    An accidental matter is preventable once the company knew: two of its voices, and a fifth of them, say that nobody
    answered them; it was spoken of on ten of the last thirty days; or it was advised two days ago and is unanswered.
    """
    if not topic.cluster:
        return None
    voices = len(scene.voices(posts))
    unheard = [post for post in posts if (tag := tag_of(post, UNHEARD)) and tag.spans and topic.id != UNHEARD]
    ignored = len(scene.voices(unheard))  # in their own words; a thread's title says it for nobody
    waited = _waited(scene.facts.day, matter) if not answered else 0
    found: list[tuple[ClusterGround, int]] = []
    if ignored >= 2 and ignored >= IGNORED_SHARE * voices:
        found.append(("ignored", ignored))
    if standing_days >= STANDING_DAYS:
        found.append(("standing", standing_days))
    if waited >= WAITED_DAYS:
        found.append(("advised", waited))
    if topic.cluster == "accidental" and found:
        return Cluster("preventable", tuple(found))
    kept = found if topic.cluster == "preventable" else []
    return Cluster(topic.cluster, (("topic", 0), *kept))


def _waited(day: date, matter: Matter | None) -> int:
    return (day - matter.first_advised).days if matter else 0
