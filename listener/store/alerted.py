"""Who was told of an alert, and how many voices it has (protocol: tellings.py)."""

import hashlib
import hmac
from datetime import datetime

from listener.records import Alert
from listener.store.alerts import ALERTS, read_alerts
from listener.store.columns import moment, stamp, to_json
from listener.store.tellings import BrandAnswer, Counts, Telling
from listener.store.voices import Voices

SIGN_DIGITS = 16
OF_STREAM = """
FROM mentions m INDEXED BY mentions_brand_at CROSS JOIN posts p ON p.id = m.post
CROSS JOIN judgements j ON j.mention = m.mention
WHERE m.brand = :brand AND m.at >= :since AND m.at <= :until AND p.deleted IS NULL AND m.expired = 0 AND m.muted = ''
  AND p.backfilled = 0 AND m.by_brand = 0
  AND (:stream NOT IN ('negative', 'threads') OR j.label = 'negative')
  AND (:stream <> 'leaving' OR j.leaving)
  AND (:stream <> 'thread' OR p.thread IN (
    SELECT e.thread FROM json_each(:evidence) k CROSS JOIN posts e ON e.key = k.value))
  AND (:topic = '' OR j.label <> 'positive'
    AND EXISTS (SELECT 1 FROM judgement_topics t WHERE t.mention = m.mention AND t.topic = :topic))
"""
TOTAL = f"SELECT count(DISTINCT m.voice) {OF_STREAM}"
HOURS = (
    f"SELECT substr(m.at, 1, 13) || ':00:00Z' AS hour, count(DISTINCT m.voice) {OF_STREAM} GROUP BY hour ORDER BY hour"
)
ANSWERS = f"""
SELECT min(a.at), t.url, t.title FROM mentions a INDEXED BY mentions_brand_at CROSS JOIN posts p ON p.id = a.post
CROSS JOIN threads t ON t.thread = p.thread
WHERE a.brand = :brand AND a.at >= :since AND a.at <= :until AND a.by_brand AND p.deleted IS NULL AND a.expired = 0
  AND p.thread IN (SELECT p.thread {OF_STREAM})
GROUP BY t.thread ORDER BY 1, 2 LIMIT :limit
"""


class AlertedStore(Voices):
    """The part of protocol.Store under "alerts are told"."""

    def alerts_to_tell(self, closed_after: datetime) -> list[Alert]:
        """See tellings.Alerted."""
        where = "WHERE state <> 'closed' OR closed > ? ORDER BY opened, key"
        return read_alerts(self.read(f"{ALERTS} {where}", (stamp(closed_after),)))

    def told(self, alert_key: str) -> list[Telling]:
        """See tellings.Alerted."""
        rows = self.read(
            "SELECT person, turn, t.at, message_id FROM alerts a JOIN alert_told t ON t.alert = a.alert "
            "WHERE a.key = ? ORDER BY t.at, t.told",
            (alert_key,),
        )
        return [Telling(person, turn, moment(at), message_id) for person, turn, at, message_id in rows]

    def tell(self, alert_key: str, telling: Telling) -> None:
        """See tellings.Alerted."""
        self.write(
            "INSERT OR IGNORE INTO alert_told (alert, person, turn, at, message_id) "
            "SELECT alert, ?, ?, ?, ? FROM alerts WHERE key = ?",
            (telling.person, telling.turn, stamp(telling.at), telling.message_id, alert_key),
        )

    def recount_alert(self, alert: Alert) -> None:
        """See tellings.Alerted."""
        self.write("UPDATE alerts SET total = ?, peak = ? WHERE key = ?", (alert.total, alert.peak, alert.key))

    def alert_counts(self, alert: Alert, since: datetime, until: datetime) -> Counts:
        """See tellings.Alerted."""
        asked = _asked(alert, until)
        whole_hour = stamp(since.replace(minute=0, second=0, microsecond=0))
        ((total,),) = self.read(TOTAL, asked)
        hours = self.read(HOURS, asked | {"since": whole_hour})
        return Counts(int(total), tuple((moment(hour), int(count)) for hour, count in hours))

    def alert_answers(self, alert: Alert, until: datetime, limit: int) -> list[BrandAnswer]:
        """See tellings.Alerted."""
        rows = self.read(ANSWERS, _asked(alert, until) | {"limit": limit})
        return [BrandAnswer(moment(at), url, title) for at, url, title in rows]

    def sign(self, text: str) -> str:
        """See tellings.Alerted."""
        message = b"listener sign\n" + text.encode("utf-8", "surrogatepass")
        return hmac.digest(self.key(), message, hashlib.sha256).hex()[:SIGN_DIGITS]


def _asked(alert: Alert, until: datetime) -> dict[str, str | int]:
    topic = alert.stream.removeprefix("topic:") if alert.stream.startswith("topic:") else ""
    return {
        "brand": alert.brand,
        "stream": alert.stream,
        "evidence": to_json(alert.evidence),
        "topic": topic,
        "since": stamp(alert.began),
        "until": stamp(until),
    }
