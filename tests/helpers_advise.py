"""A small world for the digest's tests: an invented carrier, a handful of topics, a playbook of two cards."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from listener.advise.facts import Facts, SourceDay
from listener.config import Advice, Brand, General, Lists, Names, Playbook, Topic
from listener.records import Entry, Judged, TopicTag
from listener.store.gathered import SourceLine
from listener.store.protocol import BalanceLine

ZONE = ZoneInfo("Asia/Taipei")
DAY = date(2026, 3, 21)  # a Saturday


def names(en: str, zh: str) -> Names:
    return Names(en=en, zh_hant=zh)


def lists(en: Sequence[str], zh: Sequence[str]) -> Lists:
    return Lists(en=tuple(en), zh_hant=tuple(zh))


BRAND = Brand(
    id="wagtail",
    name=names("Wagtail Mobile", "鶺鴒電信"),
    query="wagtail",
    time_zone="Asia/Taipei",
    own_authors=("Wagtail_Care_Mei",),
)

# id kind label touchpoint weight cluster owner, with _ for a space
_TOPICS = """
data-misuse complaint data_misuse 資料濫用 privacy 2.0 preventable Data-protection_officer 個資保護負責人
unresponsive-service complaint unresponsive_service 服務無回應 support 2.0 preventable Head_of_customer_service 客服主管
unwanted-contact complaint unwanted_contact 擾人聯繫 sales 1.5 preventable Head_of_marketing 行銷主管
hidden-fees complaint hidden_fees 隱藏費用 billing 1.0 preventable Head_of_pricing 定價主管
billing-error complaint billing_error 帳單錯誤 billing 1.0 accidental Head_of_billing 帳務主管
outage complaint outage 服務中斷 network 1.0 accidental Head_of_network 網路主管
safety complaint safety 安全 safety 2.0 accidental Head_of_safety 安全主管
loss-of-control strain loss_of_control 失去掌控 relationship 1.0 - Head_of_customer_service 客服主管
leaving signal leaving 離開 relationship 2.0 - Head_of_retention 留客主管
legal-threat signal legal_threat 法律行動 legal 1.0 - General_counsel 法務長
press-interest signal press_interest 媒體關注 press 1.0 - Press_officer 公關主管
great-service praise great_service 服務很好 support 1.5 - Head_of_customer_service 客服主管
quick-answer praise quick_answer 回覆迅速 support 1.0 - Head_of_customer_service 客服主管
"""


def _topic(line: str) -> Topic:
    id_, kind, en, zh, point, weight, cluster, who, who_zh = line.split()
    return Topic.model_validate(
        {
            "id": id_,
            "kind": kind,
            "label": {"en": en.replace("_", " "), "zh-Hant": zh},
            "touchpoint": point,
            "weight": float(weight),
            "cluster": cluster.strip("-"),
            "owner": {"en": who.replace("_", " "), "zh-Hant": who_zh},
            "cues": {},
        }
    )


TOPICS = tuple(_topic(line) for line in _TOPICS.strip().splitlines())

PLAYBOOK = Playbook(
    version="1",
    general=General(
        disclosure=names("Say who you are and whom you work for.", "表明身分與所屬公司。"),
        one_reply=names("One complete reply in the first thread.", "在首個討論串完整回覆一次。"),
    ),
    advice=(
        Advice(
            topic="data-misuse",
            answer="hold",
            deadline_h=5,
            clock_h=72,
            basis=("GDPR Art. 33", "SCCT"),
            escalate=names("With Support and the press office.", "會同客服與公關。"),
            say=names(
                "We are checking what the app reads and whom it tells; you hear from us by 18:00.",
                "我們正在查明 App 讀取了什麼、交給了誰；18:00 前回覆各位。",
            ),
            do=lists(
                ("Say what is being checked and until when.", "Tell how to turn it off.", "Give one place to ask."),
                ("說明正在查什麼、何時查完。", "告訴大家如何關閉。", "提供單一詢問窗口。"),
            ),
            dont=lists(
                ("Deny before privacy has checked.", "Ask anybody for details in public."),
                ("查清前不要否認。", "不要公開要求個人資料。"),
            ),
            first_hour=names("Freeze the release; wake the data-protection officer.", "凍結發布，通知個資保護負責人。"),
            no_reply_when=names("a single voice repeats an old, settled case.", "單一發言者重提已結案件。"),
            why=names("People forgive an error sooner than silence about it.", "錯誤可以被原諒，沉默較難。"),
        ),
        Advice(
            topic="billing-error",
            answer="private",
            deadline_h=24,
            clock_h=None,
            basis=("ISO 10002",),
            escalate=names("", ""),
            say=names("Send us the case number; we look at the bill today.", "請私訊案件編號，今天就查帳單。"),
            do=lists(("Offer a private channel.",), ("提供私下管道。",)),
            dont=lists(("Discuss a bill in public.",), ("不要公開討論帳單。",)),
            first_hour=names("", ""),
            no_reply_when=names("", ""),
            why=names("A bill is private.", "帳單屬於私事。"),
        ),
    ),
    no_answer=(names("A reply gives an old claim new readers.", "回覆只會替舊說法帶來新讀者。"),),
)  # fmt: skip


def at(day: date = DAY, clock: str = "12:00") -> datetime:
    """A local time in Taipei, as UTC."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE).astimezone(UTC)


def post(
    key: str,
    text: str = "My bill shows a fee I never asked for, and nobody answers.",
    when: datetime | None = None,
    topics: Sequence[str] = (),
    sentiment: float = -0.8,
    **more: object,
) -> Judged:
    """A judged post; each key is its own voice, text and thread unless told otherwise."""
    when = when or at()
    fields: dict[str, object] = {
        "post_key": key,
        "brand": "wagtail",
        "voice": f"{abs(hash_of(key)):016x}",
        "source": "forum",
        "platform": "forum.example",
        "thread_url": "https://forum.example/t/1",
        "thread_title": "Why does the app want my contacts?",
        "url": f"https://forum.example/p/{key}",
        "text": text,
        "fingerprint": f"f-{key}",
        "when": when,
        "first_seen": when + timedelta(minutes=5),
        "where": "text",
        "sentiment": sentiment,
        "label": "negative" if sentiment < -0.1 else "positive" if sentiment > 0.1 else "neutral",
        "confidence": 0.9,
        "topics": tuple(TopicTag(topic, 0.9, ((0, 7),)) for topic in topics),
        "leaving": "leaving" in topics,
        "language": "zh-Hant" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en",
    }
    return Judged(**{**fields, **more})  # type: ignore[arg-type]  # a test's shorthand


def hash_of(key: str) -> int:
    """Stable between runs, unlike hash()."""
    return int.from_bytes(key.encode()[-8:].rjust(8, b"0"), "big")


def book(posts: Sequence[Judged]) -> tuple[Entry, ...]:
    """Entries as the Love Bank would book them, near enough: one a post, 5 × feeling × the topic's weight."""
    weights = {topic.id: topic for topic in TOPICS}
    entries = []
    for one in posts:
        tags = [tag.topic for tag in one.topics if tag.topic in weights]
        reason = max(tags, key=lambda tag: weights[tag].weight, default="")
        weight = weights[reason].weight if reason else 1.0
        amount = max(-10.0, min(10.0, 5 * one.sentiment * weight))
        point = weights[reason].touchpoint if reason else "relationship"
        if amount and not one.by_brand:
            day = one.when.astimezone(ZONE).date()
            entries.append(Entry("wagtail", one.voice, day, amount, point, reason, one.post_key))
    return tuple(entries)


def lines(entries: Sequence[Entry]) -> tuple[BalanceLine, ...]:
    days = sorted({entry.day for entry in entries})
    return tuple(
        BalanceLine(
            day,
            sum(e.amount for e in entries if e.day == day and e.amount > 0),
            sum(e.amount for e in entries if e.day == day and e.amount < 0),
        )
        for day in days
    )


def source(
    name: str = "forum",
    state: str = "heard",
    hours: int = 24,
    since: datetime | None = None,
    detail: str = "",
    first: datetime | None = None,
) -> SourceDay:
    began = since or at(DAY - timedelta(days=30))
    line = SourceLine(name, "forum", f"https://{name}.example/", state, began, detail, at(), first or began)
    return SourceDay(line, hours)


def quiet(days: int = 30, voices: int = 3, day: date = DAY) -> list[Judged]:
    """Ordinary days before `day`: each day some voices, mildly annoyed about a bill or pleased by an answer."""
    posts = []
    for back in range(1, days + 1):
        for n in range(voices):
            good = (back + n) % 2 == 0
            text = "Quick answer at the desk, thank you." if good else "Another wrong bill this month."
            posts.append(
                post(
                    f"q{back}-{n}",
                    f"{text} ({back}, {n})",
                    at(day - timedelta(days=back), f"{9 + n:02d}:30"),
                    ("quick-answer",) if good else ("billing-error",),
                    0.6 if good else -0.5,
                    thread_url=f"https://forum.example/t/q{back}",
                    thread_title="Small talk",
                )
            )
    return posts


def crisis(voices: int = 12, day: date = DAY, began: str = "01:10") -> list[Judged]:
    """A data complaint that fills a day, in both languages, in three places."""
    told = (
        "Turned it off, reinstalled, it asked again. Support closed my ticket without a word.",
        "客服只回罐頭訊息，沒有人回答資料給了誰。我已經刪掉 App，下週就攜碼離開。",
        "They read my contacts without asking and somebody sold my number. This has to stop now.",
    )
    start = at(day, began)
    return [
        post(
            f"c{n:02d}",
            f"{told[n % 3]} ({n})",
            start + timedelta(minutes=100 * n),
            ("data-misuse", "leaving") if n % 4 == 1 else ("data-misuse",),
            -0.9,
            platform=("forum.example", "commons.example", "openbox.example")[n % 3],
            thread_url=f"https://forum.example/t/c{n % 3}",
            replies=n,
        )
        for n in range(voices)
    ]


def thanks(voices: int, day: date = DAY) -> list[Judged]:
    """Deposits: people pleased with the desk."""
    return [
        post(f"k{n}", f"The desk rebooked me in ten minutes, number {n}.", at(day), ("great-service",), 0.9)
        for n in range(voices)
    ]


def facts(posts: Sequence[Judged] = (), **more: object) -> Facts:
    """Facts of DAY with these posts, booked; one source, heard all day."""
    entries = book(posts)
    fields: dict[str, object] = {
        "brand": BRAND,
        "day": DAY,
        "judged": tuple(posts),
        "entries": entries,
        "balance_lines": lines(entries),
        "relationships": (),
        "sources": (source(),),
        "alerts": (),
        "matters": (),
        "topics": TOPICS,
        "playbook": PLAYBOOK,
        "versions": "wagtail query 7, topics 3, engine 1",
    }
    return Facts(**{**fields, **more})  # type: ignore[arg-type]  # a test's shorthand
