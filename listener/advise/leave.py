"""What is better left alone: one voice that says the same in many places."""

from collections import Counter, defaultdict
from datetime import timedelta

from listener.advise.model import LeaveAlone
from listener.advise.quotes import SHORT_CHARS, TITLE_CHARS, clean, quote
from listener.advise.scene import URGENT, Scene
from listener.records import Judged


def leave_alone(scene: Scene, most: int = 3) -> tuple[LeaveAlone, ...]:
    """One voice in three or more threads of the last week, repeating itself, with hardly anybody joining in."""
    today = {scene.voice_of[post.post_key] for post in scene.today if post.label == "negative"}
    by_voice: defaultdict[str, list[Judged]] = defaultdict(list)
    for back in range(6, -1, -1):
        for post in scene.by_day.get(scene.facts.day - timedelta(days=back), ()):
            if post.label == "negative" and (voice := scene.voice_of[post.post_key]) in today:
                by_voice[voice].append(post)
    found = []
    for voice, posts in by_voice.items():
        if len(posts) < 3 or any(tag.topic in URGENT for post in posts for tag in post.topics):
            continue
        print_, copies = Counter(post.story or post.fingerprint for post in posts).most_common(1)[0]
        repeated = [post for post in posts if (post.story or post.fingerprint) == print_]
        threads = {post.thread_url for post in repeated}
        others = scene.voices(p for p in scene.today if p.thread_url in threads) - {voice}
        if len(threads) < 3 or len(others) >= 3 or all(scene.days[p.post_key] != scene.facts.day for p in repeated):
            continue
        first = repeated[0]
        title = clean(first.thread_title or first.text, TITLE_CHARS)
        places = len({post.platform for post in repeated})
        found.append((copies, LeaveAlone(title, places, len(threads), len(others), quote(first, width=SHORT_CHARS))))
    found.sort(key=lambda pair: (-pair[0], pair[1].quote.post_key))
    return tuple(item for _, item in found[:most])
