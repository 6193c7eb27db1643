"""Tables and migrations, append-only: a landed migration is never changed, the next change is the next migration.

The tables are public (an analyst reads them), the views in views.sql are promised. Times are ISO 8601 UTC text
("2026-03-21T12:40:00Z": sorts and reads as it is), days are "2026-03-21" in the brand's zone, lists are JSON.
"""

from importlib.resources import files

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

SCHEMA_VERSION = 3  # the number of migrations below; a file with a higher one is refused

migrations = Migrations("listener")

_TABLES = """
CREATE TABLE meta (                     -- one row per fact about this store: schema_version, created, listener
  name TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (                  -- every source that the config has or had
  source TEXT PRIMARY KEY, kind TEXT NOT NULL, url TEXT NOT NULL, host TEXT NOT NULL,
  brands TEXT NOT NULL, options TEXT NOT NULL,  -- JSON, as in the config
  min_interval_s INTEGER NOT NULL, max_interval_s INTEGER NOT NULL,
  active INTEGER NOT NULL DEFAULT 1,    -- 0: no longer in the config
  state TEXT NOT NULL DEFAULT 'new', state_since TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '',
  first_heard TEXT,                     -- first successful visit: later posts are news, earlier ones are history
  history_from TEXT,                    -- earliest published time that a visit brought
  last_visit TEXT, last_heard TEXT, last_new TEXT,
  due TEXT NOT NULL, interval_s REAL NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
  lease TEXT, lease_until TEXT,         -- who visits it now, and until when that claim holds
  cursor TEXT NOT NULL DEFAULT '{}'     -- what the reader needs to go on where it stopped (JSON)
) STRICT, WITHOUT ROWID;
CREATE INDEX sources_due ON sources (active, due, host, lease_until);
CREATE INDEX sources_leased ON sources (host, lease_until) WHERE lease_until IS NOT NULL;

CREATE TABLE source_hours (             -- coverage: one row per source and hour in which it was visited
  source TEXT NOT NULL REFERENCES sources, hour TEXT NOT NULL,   -- "2026-03-21T12:00:00Z"
  state TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '', visits INTEGER NOT NULL DEFAULT 0,
  posts INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0,
  interval_s REAL NOT NULL,             -- until the next visit, as planned then
  joined INTEGER NOT NULL DEFAULT 0,    -- 1: it read on where the last one stopped, so nothing was missed since
  PRIMARY KEY (source, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_hours_hour ON source_hours (hour);

CREATE TABLE seen (                     -- posts that match no brand: key and content hash only, nothing of the person
  key TEXT PRIMARY KEY, content_hash TEXT NOT NULL, source TEXT NOT NULL, seen TEXT NOT NULL,
  forgotten INTEGER NOT NULL DEFAULT 0  -- 1: somebody asked us to forget it: never taken in again, however it is edited
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_seen ON seen (seen);

CREATE TABLE voices (                   -- who speaks: keyed hash of platform and name (the name: if config keeps it)
  voice TEXT PRIMARY KEY, platform TEXT NOT NULL, name TEXT, first_seen TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE threads (
  thread INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
  source TEXT NOT NULL, platform TEXT NOT NULL,
  community_rule TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE posts (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL REFERENCES sources, platform TEXT NOT NULL, url TEXT NOT NULL, native_id TEXT,
  thread INTEGER NOT NULL REFERENCES threads, position INTEGER NOT NULL, parent_key TEXT,
  voice TEXT NOT NULL REFERENCES voices, text TEXT NOT NULL, quotes TEXT NOT NULL DEFAULT '[]',  -- [[voice, text], …]
  content_hash TEXT NOT NULL, fingerprint TEXT NOT NULL,
  at TEXT NOT NULL,                     -- what it counts at: published, else first_seen
  published TEXT, published_precision TEXT NOT NULL, edited TEXT,
  first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, deleted TEXT,
  language TEXT NOT NULL, likes INTEGER NOT NULL DEFAULT 0, replies INTEGER NOT NULL DEFAULT 0, rating REAL
) STRICT;
CREATE INDEX posts_thread ON posts (thread, position);
CREATE INDEX posts_at ON posts (at);
CREATE INDEX posts_voice ON posts (voice);

CREATE VIRTUAL TABLE posts_fts USING fts5 (  -- rowid = posts.id; Han text as overlapping pairs, see docs/store.md
  text, title, folded, tokenize = "unicode61 remove_diacritics 2"
);

CREATE TABLE mentions (
  mention INTEGER PRIMARY KEY, post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE, brand TEXT NOT NULL,
  place TEXT NOT NULL,                  -- text, title or thread: where the brand is named
  spans TEXT NOT NULL, terms TEXT NOT NULL, query_version TEXT NOT NULL,
  by_brand INTEGER NOT NULL DEFAULT 0,  -- 1: the company itself wrote it
  at TEXT NOT NULL,                     -- posts.at, kept here so that a brand's time line is one index
  day TEXT NOT NULL,                    -- of `at`, in the brand's zone
  voice TEXT NOT NULL, source TEXT NOT NULL,   -- of the post, so that counting reads no texts
  expired INTEGER NOT NULL DEFAULT 0,   -- 1: past the brand's retention: counted, but without words, link or person
  UNIQUE (post, brand)
) STRICT;
CREATE INDEX mentions_brand_at ON mentions (brand, at);
CREATE INDEX mentions_brand_day ON mentions (brand, day, voice, by_brand, source);

CREATE TABLE judgements (
  mention INTEGER PRIMARY KEY REFERENCES mentions ON DELETE CASCADE,
  sentiment REAL NOT NULL, label TEXT NOT NULL, confidence REAL NOT NULL,
  leaving INTEGER NOT NULL, sarcasm INTEGER NOT NULL, evidence TEXT NOT NULL,
  versions TEXT NOT NULL, judged TEXT NOT NULL
) STRICT;

CREATE TABLE judgement_topics (
  mention INTEGER NOT NULL REFERENCES judgements ON DELETE CASCADE, topic TEXT NOT NULL,
  confidence REAL NOT NULL, spans TEXT NOT NULL, rank INTEGER NOT NULL,
  PRIMARY KEY (mention, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX judgement_topics_topic ON judgement_topics (topic, mention);

CREATE TABLE entries (                  -- the Love Bank's book: one row per brand, voice, day and story
  entry INTEGER PRIMARY KEY, brand TEXT NOT NULL, voice TEXT NOT NULL, day TEXT NOT NULL,
  amount REAL NOT NULL CHECK (amount BETWEEN -10 AND 10), touchpoint TEXT NOT NULL, reason TEXT NOT NULL,
  mention INTEGER NOT NULL UNIQUE REFERENCES mentions ON DELETE CASCADE
) STRICT;
CREATE INDEX entries_brand_day ON entries (brand, day);
CREATE INDEX entries_brand_voice ON entries (brand, voice, day);

CREATE TABLE alerts (
  alert INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, brand TEXT NOT NULL, stream TEXT NOT NULL, topic TEXT NOT NULL,
  severity TEXT NOT NULL, state TEXT NOT NULL, opened TEXT NOT NULL, began TEXT NOT NULL, last_activity TEXT NOT NULL,
  score REAL NOT NULL, voices INTEGER NOT NULL, expected REAL NOT NULL, window_h REAL NOT NULL,
  sources TEXT NOT NULL, reasons TEXT NOT NULL, evidence TEXT NOT NULL,
  acknowledged_by TEXT NOT NULL DEFAULT '', acknowledged TEXT, closed TEXT
) STRICT;
CREATE INDEX alerts_brand ON alerts (brand, opened);

CREATE TABLE alert_events (             -- an alert's life, one row per turn
  event INTEGER PRIMARY KEY, alert INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE,
  at TEXT NOT NULL, what TEXT NOT NULL, by TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE watch_state (              -- how far the watch has looked, per brand
  brand TEXT PRIMARY KEY, looked_until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE matters (                  -- what the digest advised on, and what became of it
  matter INTEGER PRIMARY KEY, brand TEXT NOT NULL, topic TEXT NOT NULL,
  first_post TEXT NOT NULL, first_advised TEXT NOT NULL, last_advised TEXT NOT NULL,  -- time, day, day
  peak_voices INTEGER NOT NULL, voices INTEGER NOT NULL,
  answered TEXT,                        -- first post by the brand in one of its threads
  closed TEXT, outcome TEXT NOT NULL DEFAULT ''   -- day; answered, cooled
) STRICT;
CREATE UNIQUE INDEX matters_open ON matters (brand, topic) WHERE closed IS NULL;

CREATE TABLE digests (
  digest INTEGER PRIMARY KEY, brand TEXT NOT NULL, day TEXT NOT NULL, language TEXT NOT NULL, made TEXT NOT NULL,
  late INTEGER NOT NULL DEFAULT 0, subject TEXT NOT NULL, verdict TEXT NOT NULL,
  html TEXT NOT NULL, text TEXT NOT NULL, facts TEXT NOT NULL,      -- facts: JSON, what the words were made from
  evidence TEXT NOT NULL,               -- keys of the posts that are quoted
  matters TEXT NOT NULL,                -- JSON: the open matters as they stood that morning, to make it anew from
  UNIQUE (brand, day, language)
) STRICT;

CREATE TABLE outbox (
  message INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
  cause TEXT NOT NULL,                  -- digest:wagtail:2026-03-21, alert:KEY:opened
  recipient TEXT NOT NULL, subject TEXT NOT NULL, message_id TEXT NOT NULL UNIQUE,
  body BLOB NOT NULL,                   -- RFC 5322 bytes; empty once what it quoted was forgotten
  evidence TEXT NOT NULL DEFAULT '[]',  -- keys of the posts that are quoted
  state TEXT NOT NULL DEFAULT 'queued', attempts INTEGER NOT NULL DEFAULT 0, due TEXT NOT NULL,
  lease TEXT, lease_until TEXT, queued TEXT NOT NULL, sent TEXT, error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox (state, due);
"""


@migrations()
def m001_ground(db: Database) -> None:
    """The ground: sources, posts, mentions, judgements, the Love Bank, alerts, digests, outbox, and the views."""
    db.executescript(_TABLES)  # statement by statement inside the open transaction (sqlite-utils sees to that)
    db.executescript(files("listener.store").joinpath("views.sql").read_text("utf-8"))


_SECOND = """
ALTER TABLE sources ADD COLUMN hours TEXT NOT NULL DEFAULT '';  -- the only ones it is read in ("01:00-06:00 UTC")
ALTER TABLE posts ADD COLUMN looked TEXT;  -- when its address was last asked for, to see whether it is still there
CREATE INDEX posts_deleted ON posts (id) WHERE deleted IS NOT NULL;
ALTER TABLE posts ADD COLUMN backfilled INTEGER NOT NULL DEFAULT 0;  -- 1: `listener backfill` brought it: history

CREATE TABLE backfills (                -- how far `listener backfill` has walked into a source's history
  source TEXT PRIMARY KEY REFERENCES sources,
  since TEXT NOT NULL, until TEXT NOT NULL,  -- what was published from the one on and before the other
  cursor TEXT NOT NULL DEFAULT '{}',    -- the reader's own, as in sources, but another one (JSON)
  requests INTEGER NOT NULL DEFAULT 0, posts INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0,
  reached TEXT,                         -- the oldest post that it brought
  began TEXT NOT NULL, went_on TEXT NOT NULL, finished TEXT
) STRICT, WITHOUT ROWID;

ALTER TABLE mentions ADD COLUMN muted TEXT NOT NULL DEFAULT '';  -- why it counts nowhere: site, author, word, thread
                                        -- (the config's mutes), not-brand, context (said or learnt); '' if it counts
-- mentions.voice is from now on the voice that a mention counts for: copies count for whoever said it first, and one
-- person's names on two sites for one of them. posts.voice stays whose post it is.
DROP INDEX mentions_brand_day;
CREATE INDEX mentions_brand_day ON mentions (brand, day, voice, by_brand, muted, source);
CREATE INDEX mentions_voice ON mentions (voice, brand);

ALTER TABLE posts ADD COLUMN story TEXT NOT NULL DEFAULT '';  -- copies of one text share it: the first one's key
CREATE INDEX posts_story ON posts (story) WHERE story <> '';
ALTER TABLE posts ADD COLUMN pull REAL;  -- replies and likes as a multiple of what its source usually draws
CREATE TABLE stories (                  -- texts that stand in more than one place
  story TEXT PRIMARY KEY, kind TEXT NOT NULL,  -- copies, syndicated, campaign
  reason TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE copy_bands (               -- where near copies meet: locality-sensitive hashes of the last days' texts
  band INTEGER NOT NULL, post INTEGER NOT NULL, PRIMARY KEY (band, post)
) STRICT, WITHOUT ROWID;
ALTER TABLE voices ADD COLUMN name_mark TEXT NOT NULL DEFAULT '';  -- keyed hash of the name alone, if it is unusual
ALTER TABLE voices ADD COLUMN same_as TEXT NOT NULL DEFAULT '';  -- the voice of the same person elsewhere

ALTER TABLE mentions ADD COLUMN context TEXT NOT NULL DEFAULT '';  -- the learnt context score: "0.12: orchard, pie"
ALTER TABLE posts ADD COLUMN judged_by TEXT NOT NULL DEFAULT '';  -- stamp of the config and engine that judged it last
CREATE TABLE corrections (              -- what people said of our judgements, one row a statement: the history
  correction INTEGER PRIMARY KEY, post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE, brand TEXT NOT NULL,
  fingerprint TEXT NOT NULL,            -- of the words it is about: once these are edited it holds no more
  at TEXT NOT NULL, by TEXT NOT NULL,
  field TEXT NOT NULL,                  -- feeling (a label), topic (an id, '' for none) or brand (yes, no)
  old TEXT NOT NULL, new TEXT NOT NULL, -- what it was and what it is; both the same: confirmed
  note TEXT NOT NULL DEFAULT '', chosen TEXT NOT NULL DEFAULT 'link'  -- how the post was come by: link, unsure, random
) STRICT;
CREATE INDEX corrections_post ON corrections (post, brand);
CREATE INDEX corrections_brand ON corrections (brand);
CREATE TABLE machine_judgements (       -- of corrected mentions: what the engine says, where judgements has the truth
  post INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE, brand TEXT NOT NULL,
  sentiment REAL NOT NULL, label TEXT NOT NULL, confidence REAL NOT NULL,
  topics TEXT NOT NULL,                 -- JSON [[topic, confidence, spans], …], strongest first
  leaving INTEGER NOT NULL, muted TEXT NOT NULL,
  PRIMARY KEY (post, brand)
) STRICT, WITHOUT ROWID;

ALTER TABLE alerts ADD COLUMN total INTEGER NOT NULL DEFAULT 0;  -- different voices since it began
ALTER TABLE alerts ADD COLUMN peak INTEGER NOT NULL DEFAULT 0;   -- most of them in one hour of the clock
CREATE TABLE alert_told (               -- who was told of an alert, one row a mail
  told INTEGER PRIMARY KEY, alert INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE, person TEXT NOT NULL,
  turn TEXT NOT NULL,                   -- 0: that it was raised, 1, 2: that it grew; closed
  at TEXT NOT NULL,                     -- when the mail was queued
  message_id TEXT NOT NULL,             -- '' if it could not be mailed at all
  UNIQUE (alert, person, turn)
) STRICT;
INSERT OR IGNORE INTO alert_told (alert, person, turn, at, message_id)  -- what is open was told already
SELECT a.alert, replace(o.key, rtrim(o.key, replace(o.key, ':', '')), ''),  -- behind the last colon stands the person
  coalesce((SELECT substr(value, 13) FROM json_each(a.reasons) WHERE value GLOB 'escalations:*'), '0'),
  o.queued, o.message_id
FROM alerts a JOIN outbox o ON o.cause = 'alert:' || a.key WHERE a.state <> 'closed' ORDER BY o.queued;

ALTER TABLE watch_state ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;  -- newest mention that the watch has looked at
CREATE INDEX mentions_brand ON mentions (brand);  -- with the mention's number: what is new since
CREATE TABLE watch_habits (             -- of busy brands: what is usual (JSON); a cache, made anew from the mentions
  brand TEXT PRIMARY KEY, kept TEXT NOT NULL, habits TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m002_rooms(db: Database) -> None:
    """What the rooms built on the ground brought."""
    _with_new_views(db, _SECOND)


@migrations()
def m003_face(db: Database) -> None:
    """What the digest of longer times, the pages and the exports brought."""
    _with_new_views(db, files("listener.store").joinpath("m003.sql").read_text("utf-8"))


def _with_new_views(db: Database, script: str) -> None:
    """The views are made anew at every migration: they may read what it changes."""
    for name in db.view_names():
        db[name].drop()
    db.executescript(script)
    db.executescript(files("listener.store").joinpath("views.sql").read_text("utf-8"))
