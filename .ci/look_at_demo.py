"""Asserts on what `make demo` left: look_at_demo.py FOLDER. Exits 1 and says what is missing."""

import email
import email.policy
import sqlite3
import sys
from pathlib import Path

VIEWS = (
    "v_mentions v_daily v_topics_daily v_balance v_relationships v_share_of_voice v_threads v_alerts v_coverage"
).split()


def main(folder: Path) -> None:
    db = sqlite3.connect(f"file:{folder / 'listener.db'}?mode=ro", uri=True)

    def one(sql: str) -> int:
        return int(db.execute(sql).fetchone()[0])

    failures = []

    def must(truth: bool, what: str) -> None:
        print(("ok      " if truth else "MISSING ") + what)
        if not truth:
            failures.append(what)

    for view in VIEWS:
        must(one(f"select count(*) from {view}") > 0, f"{view} answers")
    must(one("select count(*) from posts") >= 350, "at least 350 posts of the town mention a brand")
    must(one("select count(distinct voice) from posts") >= 120, "by at least 120 voices")
    must(one("select count(*) from posts where key not in (select key from posts group by key)") == 0, "no post twice")
    must(
        one("select count(*) from posts p where url like '%f=5%'") == 0,
        "nothing from the board that robots.txt forbids",
    )
    must(
        one("select count(*) from judgements j join mentions m using (mention) where m.brand = 'wagtail'") >= 250,
        "Wagtail judged",
    )
    must(
        one("select count(*) from posts where text like '%riverbank%' or text like '%白鶺鴒%'") == 0,
        "the birds are not the brand",
    )
    must(
        one("select count(*) from alerts where brand = 'wagtail' and topic = 'data-misuse'") == 1,
        "one alert for the crisis",
    )
    minutes = one(
        "select (julianday(opened) - julianday('2026-03-21T12:41:00Z')) * 1440 from alerts "
        "where brand = 'wagtail' and topic = 'data-misuse'"
    )
    must(0 <= minutes <= 120, f"raised within two hours of its first post ({minutes} minutes)")
    must(one("select count(*) from digests where brand = 'wagtail'") == 42, "21 days' digests in two languages")
    must(one("select count(*) from outbox where state != 'sent'") == 0, "every mail sent")
    mails = sorted((folder / "outbox").glob("*.eml"))
    must(len(mails) == one("select count(*) from outbox"), f"{len(mails)} mails, as many as the outbox holds")
    ids = set()
    for path in mails:
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        ids.add(mail["Message-ID"])
        html, text = mail.get_body(("html",)), mail.get_body(("plain",))
        if html is None or text is None or len(html.get_content().encode()) > 100_000:
            must(False, f"{path.name} has a text part and HTML of at most 100 kB")
    must(len(ids) == len(mails), "no mail twice")
    sys.exit(bool(failures))


main(Path(sys.argv[1]))
