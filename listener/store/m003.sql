-- The third version of the store: the digest of longer times, the pages, the exports.

-- What keeps this store going, for `listener status`.
CREATE TABLE services (                 -- one row for each process of `listener run`; kept for a month after its last beat
  owner TEXT PRIMARY KEY,               -- HOST:PROCESS:RANDOM, as on leases
  began TEXT NOT NULL,
  beat TEXT NOT NULL,                   -- when it last said that it lives; twice a minute while it does
  stopped TEXT                          -- when it ended as asked; NULL: it runs, or was killed
) STRICT, WITHOUT ROWID;
CREATE TABLE rounds (                   -- the last round of each kind, whether a service, cron or a person began it
  round TEXT PRIMARY KEY,               -- gather, watch, send, post (to channels), housekeeping
  owner TEXT NOT NULL,                  -- who did it, as above
  began TEXT NOT NULL, ended TEXT NOT NULL,
  well TEXT,                            -- when one last ended without trouble; NULL: none ever did
  trouble TEXT NOT NULL DEFAULT ''      -- why the last one failed; '' if it did not
) STRICT, WITHOUT ROWID;

-- Posts as they read when a digest quoted them. An edit or a deletion afterwards changes nothing here; `listener forget`
-- and the brand's retention do.
CREATE TABLE evidence (                 -- one row per brand, post and wording that was quoted
  evidence INTEGER PRIMARY KEY,
  brand TEXT NOT NULL, post_key TEXT NOT NULL,  -- of a post that may have left the store since
  sha256 TEXT NOT NULL,                 -- of the text as UTF-8, 64 hex digits; its first ten stand beside the quote
  text TEXT NOT NULL,                   -- whole, as it was read
  url TEXT NOT NULL, platform TEXT NOT NULL, voice TEXT NOT NULL,  -- its author's, a keyed hash
  at TEXT NOT NULL,                     -- the time that the post counts at
  seen TEXT NOT NULL,                   -- when these words were last read at the source before they were quoted
  quoted TEXT NOT NULL,                 -- when a digest first quoted them
  UNIQUE (brand, post_key, sha256)
) STRICT;
CREATE INDEX evidence_sha256 ON evidence (sha256);
CREATE INDEX evidence_voice ON evidence (voice);
CREATE INDEX evidence_at ON evidence (brand, at);

-- Digests are about weeks and months too, so a day may have three.
CREATE TABLE digests_by_period (        -- one row for each digest as it was made
  digest INTEGER PRIMARY KEY, brand TEXT NOT NULL,
  period TEXT NOT NULL DEFAULT 'day',   -- day, week (Monday to Sunday) or month
  day TEXT NOT NULL,                    -- the last day that it is about, in the brand's zone
  language TEXT NOT NULL, made TEXT NOT NULL,
  late INTEGER NOT NULL DEFAULT 0, subject TEXT NOT NULL, verdict TEXT NOT NULL,
  html TEXT NOT NULL, text TEXT NOT NULL, facts TEXT NOT NULL,      -- facts: JSON, what the words were made from
  evidence TEXT NOT NULL,               -- keys of the posts that are quoted
  matters TEXT NOT NULL,                -- JSON: of a day, the open matters as they stood that morning; else []
  UNIQUE (brand, period, day, language)
) STRICT;
INSERT INTO digests_by_period
SELECT digest, brand, 'day', day, language, made, late, subject, verdict, html, text, facts, evidence, matters FROM digests;
DROP TABLE digests;
ALTER TABLE digests_by_period RENAME TO digests;

-- What people took up from the pages of `listener explore`, one row a turn: the history, never changed. v_triage shows
-- where each thing stands. Rows go with the post or the thread that they are about.
CREATE TABLE triage (
  turn INTEGER PRIMARY KEY, brand TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('mention', 'thread', 'matter')),
  post INTEGER REFERENCES posts ON DELETE CASCADE,      -- of a mention
  thread INTEGER REFERENCES threads ON DELETE CASCADE,  -- a thread
  topic TEXT,                           -- of a matter, which is what a brand's digest advises on
  at TEXT NOT NULL, by TEXT NOT NULL,   -- when and who, as they named themselves when they signed in
  status TEXT NOT NULL CHECK (status IN ('open', 'in hand', 'answered', 'closed', 'ignored')),
  owner TEXT NOT NULL DEFAULT '',       -- who has it from now on; '' nobody
  note TEXT NOT NULL DEFAULT '',
  CHECK ((post IS NOT NULL) + (thread IS NOT NULL) + (topic IS NOT NULL) = 1)
) STRICT;
CREATE INDEX triage_post ON triage (post) WHERE post IS NOT NULL;
CREATE INDEX triage_thread ON triage (thread) WHERE thread IS NOT NULL;
CREATE INDEX triage_topic ON triage (brand, topic) WHERE topic IS NOT NULL;

-- A brand that nobody spoke of for months is watched all the same: its first three voices are an outcry.
ALTER TABLE watch_state ADD COLUMN began TEXT NOT NULL DEFAULT '';  -- the watch's first look at it; '': before schema 3

-- Sums of what v_daily, v_topics_daily, v_share_of_voice, v_balance, v_relationships, v_threads and v_coverage tell, so
-- that a million mentions need not be counted anew at each look. What is to be summed anew is either in a rolled_ table
-- or, from the moment anything of it changes (the triggers see to that, whoever writes), in a stale_ one, never in both.
-- The views take what is rolled and count what is stale afresh (live_ views), so they are true at any moment; the
-- upkeep of the night rolls up (store/rolled.py).
CREATE TABLE rolled_days (              -- one row per brand and day with mentions or entries
  brand TEXT NOT NULL, day TEXT NOT NULL, mentions INTEGER NOT NULL, voices INTEGER NOT NULL,
  negative_voices INTEGER NOT NULL, neutral_voices INTEGER NOT NULL, positive_voices INTEGER NOT NULL,
  sources INTEGER NOT NULL, deposits_lu REAL NOT NULL, withdrawals_lu REAL NOT NULL, PRIMARY KEY (brand, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE rolled_topics (            -- one row per brand, day and topic
  brand TEXT NOT NULL, day TEXT NOT NULL, topic TEXT NOT NULL, voices INTEGER NOT NULL, posts INTEGER NOT NULL,
  mean_sentiment REAL NOT NULL, PRIMARY KEY (brand, day, topic)
) STRICT, WITHOUT ROWID;
CREATE TABLE stale_days (               -- days that are in neither of the two
  brand TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (brand, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE rolled_relationships (     -- one row per brand and voice, as in v_relationships
  brand TEXT NOT NULL, voice TEXT NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL, posts INTEGER NOT NULL,
  leaving INTEGER NOT NULL, deposits INTEGER NOT NULL, withdrawals INTEGER NOT NULL,
  weighed_lu REAL NOT NULL, weighed_on TEXT,  -- the balance on the day of the newest entry; that day, NULL without one
  worst_lu REAL NOT NULL, disappointed INTEGER NOT NULL, PRIMARY KEY (brand, voice)
) STRICT, WITHOUT ROWID;
CREATE INDEX rolled_relationships_last ON rolled_relationships (last_day);
CREATE TABLE stale_relationships (brand TEXT NOT NULL, voice TEXT NOT NULL, PRIMARY KEY (brand, voice)
) STRICT, WITHOUT ROWID;
CREATE TABLE rolled_threads (           -- one row per brand and thread, as in v_threads
  brand TEXT NOT NULL, thread INTEGER NOT NULL, posts INTEGER NOT NULL, voices INTEGER NOT NULL,
  first TEXT NOT NULL, last TEXT NOT NULL, answered_by_brand TEXT, PRIMARY KEY (brand, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX rolled_threads_last ON rolled_threads (last);
CREATE TABLE stale_threads (brand TEXT NOT NULL, thread INTEGER NOT NULL, PRIMARY KEY (brand, thread)
) STRICT, WITHOUT ROWID;
CREATE TABLE rolled_coverage (          -- one row per source and UTC day: hours and visits, as in v_coverage
  source TEXT NOT NULL, day TEXT NOT NULL, heard INTEGER NOT NULL, late INTEGER NOT NULL, blocked INTEGER NOT NULL,
  robots INTEGER NOT NULL, unreadable INTEGER NOT NULL, gone INTEGER NOT NULL, config INTEGER NOT NULL,
  visits INTEGER NOT NULL, posts INTEGER NOT NULL, new INTEGER NOT NULL, PRIMARY KEY (source, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX rolled_coverage_day ON rolled_coverage (day);
CREATE TABLE stale_coverage (           -- from which day on a source is not rolled up
  source TEXT PRIMARY KEY, since TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER stale_days_leave AFTER INSERT ON stale_days BEGIN
  DELETE FROM rolled_days WHERE brand = NEW.brand AND day = NEW.day;
  DELETE FROM rolled_topics WHERE brand = NEW.brand AND day = NEW.day;
END;
CREATE TRIGGER stale_relationships_leave AFTER INSERT ON stale_relationships BEGIN
  DELETE FROM rolled_relationships WHERE brand = NEW.brand AND voice = NEW.voice;
END;
CREATE TRIGGER stale_threads_leave AFTER INSERT ON stale_threads BEGIN
  DELETE FROM rolled_threads WHERE brand = NEW.brand AND thread = NEW.thread;
END;
CREATE TRIGGER stale_coverage_leave AFTER INSERT ON stale_coverage BEGIN
  DELETE FROM rolled_coverage WHERE source = NEW.source AND day >= NEW.since;
END;
CREATE TRIGGER stale_coverage_leave_more AFTER UPDATE ON stale_coverage BEGIN
  DELETE FROM rolled_coverage WHERE source = NEW.source AND day >= NEW.since;
END;

-- Judgements and topics come and go with their mention, or change together with the judgement. ON CONFLICT DO NOTHING
-- and not OR IGNORE, because the latter yields to an OR of the statement that fires the trigger.
CREATE TRIGGER mentions_come AFTER INSERT ON mentions BEGIN
  INSERT INTO stale_days VALUES (NEW.brand, NEW.day) ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships VALUES (NEW.brand, NEW.voice) ON CONFLICT DO NOTHING;
  INSERT INTO stale_threads SELECT NEW.brand, thread FROM posts WHERE id = NEW.post ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER mentions_go AFTER DELETE ON mentions BEGIN
  INSERT INTO stale_days VALUES (OLD.brand, OLD.day) ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships VALUES (OLD.brand, OLD.voice) ON CONFLICT DO NOTHING;
  INSERT INTO stale_threads SELECT OLD.brand, thread FROM posts WHERE id = OLD.post ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER mentions_change
AFTER UPDATE OF post, brand, by_brand, at, day, voice, source, expired, muted ON mentions
WHEN (OLD.post, OLD.brand, OLD.by_brand, OLD.at, OLD.day, OLD.voice, OLD.source, OLD.expired, OLD.muted)
  <> (NEW.post, NEW.brand, NEW.by_brand, NEW.at, NEW.day, NEW.voice, NEW.source, NEW.expired, NEW.muted)
BEGIN
  INSERT INTO stale_days VALUES (OLD.brand, OLD.day), (NEW.brand, NEW.day) ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships VALUES (OLD.brand, OLD.voice), (NEW.brand, NEW.voice) ON CONFLICT DO NOTHING;
  INSERT INTO stale_threads SELECT OLD.brand, thread FROM posts WHERE id = OLD.post ON CONFLICT DO NOTHING;
  INSERT INTO stale_threads SELECT NEW.brand, thread FROM posts WHERE id = NEW.post ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER judgements_change AFTER UPDATE ON judgements BEGIN
  INSERT INTO stale_days SELECT brand, day FROM mentions WHERE mention = NEW.mention ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships SELECT brand, voice FROM mentions WHERE mention = NEW.mention ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER entries_come BEFORE INSERT ON entries BEGIN  -- what the mention was booked for before is replaced
  INSERT INTO stale_days VALUES (NEW.brand, NEW.day) ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships VALUES (NEW.brand, NEW.voice) ON CONFLICT DO NOTHING;
  INSERT INTO stale_days SELECT brand, day FROM entries WHERE mention = NEW.mention ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships SELECT brand, voice FROM entries WHERE mention = NEW.mention ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER entries_go AFTER DELETE ON entries BEGIN
  INSERT INTO stale_days VALUES (OLD.brand, OLD.day) ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships VALUES (OLD.brand, OLD.voice) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER entries_change AFTER UPDATE ON entries BEGIN
  INSERT INTO stale_days VALUES (OLD.brand, OLD.day), (NEW.brand, NEW.day) ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships VALUES (OLD.brand, OLD.voice), (NEW.brand, NEW.voice) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER posts_change AFTER UPDATE OF thread, deleted ON posts
WHEN OLD.thread <> NEW.thread OR OLD.deleted IS NOT NEW.deleted BEGIN
  INSERT INTO stale_days SELECT brand, day FROM mentions WHERE post = NEW.id ON CONFLICT DO NOTHING;
  INSERT INTO stale_relationships SELECT brand, voice FROM mentions WHERE post = NEW.id ON CONFLICT DO NOTHING;
  INSERT INTO stale_threads SELECT brand, OLD.thread FROM mentions WHERE post = NEW.id ON CONFLICT DO NOTHING;
  INSERT INTO stale_threads SELECT brand, NEW.thread FROM mentions WHERE post = NEW.id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER posts_go BEFORE DELETE ON posts BEGIN  -- its mentions go with it, and know their thread no more then
  INSERT INTO stale_threads SELECT brand, OLD.thread FROM mentions WHERE post = OLD.id ON CONFLICT DO NOTHING;
END;
-- A visit may make up for the silence since the last one that succeeded.
CREATE TRIGGER source_hours_come AFTER INSERT ON source_hours BEGIN
  INSERT INTO stale_coverage VALUES (NEW.source, substr(coalesce((
    SELECT hour FROM source_hours WHERE source = NEW.source AND hour < NEW.hour AND state IN ('heard', 'empty')
    ORDER BY hour DESC LIMIT 1
  ), NEW.hour), 1, 10))
  ON CONFLICT (source) DO UPDATE SET since = excluded.since WHERE excluded.since < since;
END;
CREATE TRIGGER source_hours_change AFTER UPDATE ON source_hours BEGIN
  INSERT INTO stale_coverage VALUES (NEW.source, substr(coalesce((
    SELECT hour FROM source_hours WHERE source = NEW.source AND hour < NEW.hour AND state IN ('heard', 'empty')
    ORDER BY hour DESC LIMIT 1
  ), NEW.hour), 1, 10))
  ON CONFLICT (source) DO UPDATE SET since = excluded.since WHERE excluded.since < since;
END;
CREATE TRIGGER sources_change AFTER UPDATE OF first_heard, history_from ON sources
WHEN OLD.first_heard IS NOT NEW.first_heard OR OLD.history_from IS NOT NEW.history_from BEGIN
  INSERT INTO stale_coverage VALUES (NEW.source, '')
  ON CONFLICT (source) DO UPDATE SET since = '' WHERE since <> '';
END;
INSERT INTO stale_days SELECT brand, day FROM mentions UNION SELECT brand, day FROM entries;
INSERT INTO stale_relationships SELECT DISTINCT brand, voice FROM mentions;
INSERT INTO stale_threads SELECT DISTINCT m.brand, p.thread FROM mentions m JOIN posts p ON p.id = m.post;
INSERT INTO stale_coverage SELECT DISTINCT source, '' FROM source_hours;

CREATE INDEX alert_events_alert ON alert_events (alert);
CREATE INDEX mentions_at ON mentions (at);  -- the newest of all brands
CREATE INDEX mentions_source ON mentions (source, at);
DROP INDEX mentions_brand_day;  -- what is counted by days is counted from this index alone
CREATE INDEX mentions_brand_day ON mentions (brand, day, voice, by_brand, muted, source, expired, post);
