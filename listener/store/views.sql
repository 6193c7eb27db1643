-- The promised views (docs/store.md describes every column). Times are UTC, days are in the brand's own zone, _lu is
-- love units, _share is 0 to 1. Unless a column says otherwise, what the company itself wrote (by_brand = 1) is not a
-- voice and is not counted, and neither is what was deleted at its source or is muted (v_mentions shows both, `deleted`
-- says when and `muted` why). A voice is whom a mention counts for: copies of one text count for whoever said it first.

-- One row per brand that has mentions (from one brand to the next through the index, not through all mentions).
CREATE VIEW v_brands AS
WITH RECURSIVE found (brand) AS (
  SELECT min(brand) FROM mentions
  UNION ALL
  SELECT (SELECT min(brand) FROM mentions WHERE brand > found.brand) FROM found WHERE found.brand IS NOT NULL
)
SELECT brand FROM found WHERE brand IS NOT NULL;

-- One row per mention: a post and one brand that it speaks of. The company's own posts are among them (by_brand).
-- Past the brand's retention, link, titles and text are NULL.
CREATE VIEW v_mentions AS
SELECT
  m.brand, m.day, m.at,
  iif(m.expired, NULL, p.url) AS link,
  iif(m.expired, NULL, t.title) AS thread_title,
  iif(m.expired, NULL, t.url) AS thread_link,
  p.source, p.platform, p.published, p.first_seen, m.voice, p.language,
  j.sentiment, j.label, j.confidence,
  (SELECT group_concat(topic, ',') FROM (SELECT topic FROM judgement_topics WHERE mention = m.mention ORDER BY rank))
    AS topics,
  j.leaving, m.place,
  iif(m.expired, NULL, p.text) AS text,
  m.by_brand, p.position, p.likes, p.replies, p.deleted, m.expired, p.backfilled, m.muted, p.pull,
  p.story, iif(p.story = '', '', coalesce((SELECT kind FROM stories s WHERE s.story = p.story), 'copies')) AS story_kind,
  iif(m.expired, NULL, p.voice) AS author, p.key AS post_key
FROM mentions m
JOIN posts p ON p.id = m.post
JOIN threads t ON t.thread = p.thread
JOIN judgements j ON j.mention = m.mention;

-- The live_ views count what is stale afresh, from the posts themselves; the promised views below add it to what is
-- rolled up (m003.sql says how that stays true). Every formula stands once, here. likelihood() tells the planner that
-- little is stale: it takes a table that ANALYZE found empty for one of a million rows.
CREATE VIEW live_days AS
SELECT s.brand, s.day, count(m.mention) AS mentions, count(DISTINCT m.voice) AS voices,
  count(DISTINCT iif(j.label = 'negative', m.voice, NULL)) AS negative_voices,
  count(DISTINCT iif(j.label = 'neutral', m.voice, NULL)) AS neutral_voices,
  count(DISTINCT iif(j.label = 'positive', m.voice, NULL)) AS positive_voices,
  count(DISTINCT m.source) AS sources,
  (SELECT coalesce(sum(e.amount), 0.0) FROM entries e WHERE e.brand = s.brand AND e.day = s.day AND e.amount > 0)
    AS deposits_lu,
  (SELECT coalesce(sum(e.amount), 0.0) FROM entries e WHERE e.brand = s.brand AND e.day = s.day AND e.amount < 0)
    AS withdrawals_lu
FROM stale_days s
LEFT JOIN mentions m ON m.brand = s.brand AND m.day = s.day AND m.by_brand = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
LEFT JOIN judgements j ON j.mention = m.mention
WHERE likelihood(s.brand <> '', 0.00001)
GROUP BY s.brand, s.day;

CREATE VIEW live_topics AS
SELECT s.brand, s.day, jt.topic, count(DISTINCT m.voice) AS voices, count(*) AS posts,
  round(avg(j.sentiment), 4) AS mean_sentiment
FROM stale_days s CROSS JOIN mentions m ON m.brand = s.brand AND m.day = s.day
CROSS JOIN judgements j ON j.mention = m.mention
CROSS JOIN judgement_topics jt ON jt.mention = m.mention
WHERE likelihood(s.brand <> '', 0.00001) AND m.by_brand = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY s.brand, s.day, jt.topic;

-- One row per brand and day with mentions.
CREATE VIEW v_daily AS
SELECT brand, day, mentions, voices, negative_voices, neutral_voices, positive_voices,
  round(1.0 * negative_voices / voices, 4) AS negative_share, sources, deposits_lu, withdrawals_lu
FROM (SELECT * FROM rolled_days UNION ALL SELECT * FROM live_days)
WHERE mentions > 0;

-- One row per brand, day and topic that somebody spoke of. A post with two topics counts for both.
CREATE VIEW v_topics_daily AS
SELECT brand, day, topic, voices, posts, mean_sentiment FROM rolled_topics
UNION ALL
SELECT brand, day, topic, voices, posts, mean_sentiment FROM live_topics;

-- A helper: one row per calendar day from the first to the newest entry, with a weight that doubles every 90 days.
-- Σ amount · weight / weight(t) is Σ amount · 2^(−age/90), and needs no power function, which not every SQLite has.
CREATE VIEW v_weights AS
WITH RECURSIVE ends (first, last) AS (
  SELECT min((SELECT min(day) FROM entries e WHERE e.brand = b.brand)),
    max((SELECT max(day) FROM entries e WHERE e.brand = b.brand))
  FROM v_brands b
), days (day, weight, last) AS (
  -- 90,000 days back is as far as the weight stays a finite number
  SELECT max(first, date(last, '-90000 days')), 1.0, last FROM ends WHERE last IS NOT NULL
  UNION ALL
  SELECT date(day, '+1 day'), weight * 1.0077313692483 /* 2^(1/90) */, last FROM days WHERE day < last
)
SELECT day, weight FROM days;

-- One row per brand and calendar day, from the brand's first entry to the newest entry of the store.
CREATE VIEW v_balance AS
WITH net AS (
  SELECT brand, day, deposits_lu, withdrawals_lu FROM rolled_days UNION ALL
  SELECT brand, day, deposits_lu, withdrawals_lu FROM live_days
), calendar AS (
  SELECT b.brand, w.day, w.weight
  FROM (SELECT brand, (SELECT min(day) FROM entries e WHERE e.brand = v_brands.brand) AS first FROM v_brands) b
  JOIN v_weights w ON w.day >= b.first
)
SELECT brand, day, coalesce(deposits_lu, 0.0) AS deposits_lu, coalesce(withdrawals_lu, 0.0) AS withdrawals_lu,
  round(sum(coalesce(deposits_lu + withdrawals_lu, 0.0) * weight) OVER so_far / weight, 4) AS balance_lu,
  round(sum(coalesce(deposits_lu + withdrawals_lu, 0.0)) OVER so_far, 4) AS running_lu
FROM calendar LEFT JOIN net USING (brand, day)
WINDOW so_far AS (PARTITION BY brand ORDER BY day);

-- Half-lives are shifts and the days over are taken bit by bit (2^(-1/90), 2^(-2/90), …): not every SQLite has powers.
CREATE VIEW live_relationships AS
WITH told AS (
  SELECT s.brand, s.voice, m.day, j.leaving, NULL AS amount, NULL AS booked, NULL AS age
  FROM stale_relationships s CROSS JOIN mentions m INDEXED BY mentions_voice ON m.voice = s.voice AND m.brand = s.brand
  CROSS JOIN judgements j ON j.mention = m.mention
  WHERE likelihood(s.brand <> '', 0.00001) AND m.by_brand = 0 AND m.muted = '' AND m.expired = 0
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
  UNION ALL
  SELECT s.brand, s.voice, NULL, NULL, e.amount, e.day, CAST(julianday((
    SELECT max(day) FROM entries n WHERE n.brand = s.brand AND n.voice = s.voice)) - julianday(e.day) AS INTEGER)
  FROM stale_relationships s CROSS JOIN entries e ON e.brand = s.brand AND e.voice = s.voice
  WHERE likelihood(s.brand <> '', 0.00001)
), summed AS (
  SELECT brand, voice, min(day) AS first_day, max(day) AS last_day, count(day) AS posts, max(leaving) AS leaving,
    count(iif(amount > 0, 1, NULL)) AS deposits, count(iif(amount < 0, 1, NULL)) AS withdrawals,
    coalesce(sum(amount / (1 << min(age / 90, 62)) * iif(age % 90 & 1, 0.992327946262944, 1)
      * iif(age % 90 & 2, 0.984714752934431, 1) * iif(age % 90 & 4, 0.969663144646718, 1)
      * iif(age % 90 & 8, 0.940246614086162, 1) * iif(age % 90 & 16, 0.884063695300492, 1)
      * iif(age % 90 & 32, 0.781568617348361, 1) * iif(age % 90 & 64, 0.610849503623829, 1)), 0.0) AS weighed_lu,
    max(booked) AS weighed_on, min(coalesce(min(amount), 0.0), 0.0) AS worst_lu,
    max(iif(amount > 0, booked, NULL)) AS last_deposit, max(iif(amount < 0, booked, NULL)) AS last_withdrawal,
    (SELECT e.day FROM entries e WHERE e.brand = told.brand AND e.voice = told.voice AND e.amount < 0
     ORDER BY e.day DESC LIMIT 1 OFFSET 2) AS third
  FROM told GROUP BY brand, voice HAVING count(day) > 0
)
SELECT brand, voice, first_day, last_day, posts, leaving, deposits, withdrawals, weighed_lu, weighed_on, worst_lu,
  coalesce(julianday(last_withdrawal) - julianday(third) <= 90 AND coalesce(last_deposit < third, 1), 0) AS disappointed
FROM summed;

-- One row per brand and voice (one person on one platform) that ever spoke of it, retention permitting.
CREATE VIEW v_relationships AS
SELECT brand, voice, platform, first_day, last_day, posts, deposits, withdrawals,
  round(weighed_lu / (1 << min(age / 90, 62)) * iif(age % 90 & 1, 0.992327946262944, 1)
    * iif(age % 90 & 2, 0.984714752934431, 1) * iif(age % 90 & 4, 0.969663144646718, 1)
    * iif(age % 90 & 8, 0.940246614086162, 1) * iif(age % 90 & 16, 0.884063695300492, 1)
    * iif(age % 90 & 32, 0.781568617348361, 1) * iif(age % 90 & 64, 0.610849503623829, 1), 4) AS balance_lu,
  leaving, worst_lu, leaving OR worst_lu <= -8 OR disappointed AS at_risk,
  substr(iif(leaving, ', leaving', '') || iif(worst_lu <= -8, ', betrayal', '')
    || iif(disappointed, ', small disappointments', ''), 3) AS at_risk_reason
FROM (
  SELECT r.*, v.platform, coalesce(CAST(julianday((SELECT max(day) FROM entries e WHERE e.brand = r.brand))
    - julianday(r.weighed_on) AS INTEGER), 0) AS age
  FROM (SELECT * FROM rolled_relationships UNION ALL SELECT * FROM live_relationships) r
  CROSS JOIN voices v ON v.voice = r.voice
);

-- One row per day and brand: whom people spoke about. Shares of one day add up to 1 over the brands of this store.
CREATE VIEW v_share_of_voice AS
SELECT day, brand, voices, round(1.0 * voices / sum(voices) OVER (PARTITION BY day), 4) AS share FROM v_daily;

CREATE VIEW live_threads AS
SELECT s.brand, s.thread, sum(m.by_brand = 0) AS posts, count(DISTINCT iif(m.by_brand, NULL, m.voice)) AS voices,
  min(m.at) AS first, max(m.at) AS last, min(iif(m.by_brand, m.at, NULL)) AS answered_by_brand
FROM stale_threads s CROSS JOIN posts p ON p.thread = s.thread
CROSS JOIN mentions m ON m.post = p.id AND m.brand = s.brand
WHERE likelihood(s.brand <> '', 0.00001) AND m.expired = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY s.brand, s.thread;

-- One row per thread and brand: the posts of the thread that speak of the brand.
CREATE VIEW v_threads AS
WITH newest AS (
  SELECT strftime('%Y-%m-%dT%H:%M:%SZ', (SELECT max(at) FROM mentions), '-1 day') AS day_before
), recent AS (
  SELECT m.brand, p.thread, count(*) AS posts
  FROM newest n CROSS JOIN mentions m INDEXED BY mentions_at ON m.at > n.day_before CROSS JOIN posts p ON p.id = m.post
  WHERE m.by_brand = 0 AND m.expired = 0 AND m.muted = ''
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
  GROUP BY m.brand, p.thread
)
SELECT t.url AS thread_link, t.title AS thread_title, t.source, r.brand, r.posts, r.voices, r.first, r.last,
  r.posts_last_24h, r.answered_by_brand
FROM (  -- most threads rest: only the others are looked for among the recent posts
  SELECT a.*, coalesce(n.posts, 0) AS posts_last_24h
  FROM (SELECT * FROM rolled_threads UNION ALL SELECT * FROM live_threads) a
  LEFT JOIN recent n ON n.brand = a.brand AND n.thread = a.thread
  WHERE a.last > (SELECT day_before FROM newest)
  UNION ALL
  SELECT *, 0 FROM (SELECT * FROM rolled_threads UNION ALL SELECT * FROM live_threads)
  WHERE last <= (SELECT day_before FROM newest)
) r
CROSS JOIN threads t ON t.thread = r.thread;

-- One row per alert.
CREATE VIEW v_alerts AS
SELECT a.brand, a.topic, a.stream, a.severity, a.state, a.began AS first_post, a.opened,
  round((julianday(a.opened) - julianday(a.began)) * 1440) AS minutes_to_alert,
  a.last_activity, max(a.total, a.voices) AS voices, max(a.peak, iif(a.total, 0, a.voices)) AS peak_voices,
  a.voices AS window_voices, a.expected AS expected_voices, a.window_h, a.score, a.sources, a.reasons,
  a.acknowledged, a.acknowledged_by, a.closed,
  (SELECT group_concat(line, x'0A') FROM (
     SELECT at || ' ' || what || iif(by <> '', ' by ' || by, '') || iif(detail <> '', ': ' || detail, '') AS line
     FROM alert_events WHERE alert = a.alert ORDER BY event)) AS life,
  (SELECT group_concat(line, x'0A') FROM (
     SELECT at || ' ' || person || ' ' || turn AS line FROM alert_told WHERE alert = a.alert ORDER BY told)) AS told,
  a.key AS alert_key
FROM alerts a;

-- Which hours count as heard is told in store/heard.py (the digest counts by it). Counting a source anew begins at the
-- last visit before `since` that succeeded: nothing older bears on the days from then on.
CREATE VIEW live_coverage AS
WITH visited AS (
  SELECT h.*, s.since, substr(h.hour, 1, 10) AS day, h.state IN ('heard', 'empty') AS ok,
    lag(h.state IN ('heard', 'empty')) OVER so_far AS before_ok, lag(h.hour) OVER so_far AS before,
    lag(h.interval_s) OVER so_far AS planned_s,
    max(iif(h.state IN ('heard', 'empty'), h.hour, NULL))
      OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_good,
    min(iif(h.state IN ('heard', 'empty'), h.hour || h.joined, NULL))
      OVER (so_far ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_good
  FROM stale_coverage s
  CROSS JOIN source_hours h ON likelihood(s.source <> '', 0.00001) AND h.source = s.source AND h.hour >= coalesce((
    SELECT b.hour FROM source_hours b WHERE b.source = s.source AND b.hour < s.since AND b.state IN ('heard', 'empty')
    ORDER BY b.hour DESC LIMIT 1), '')
  WINDOW so_far AS (PARTITION BY h.source ORDER BY h.hour)
), days (source, first, hour, since, day) AS (  -- the hours between `first` and `hour` were heard by the visit in `hour`
  SELECT source, last_good, hour, since, max(since, substr(last_good, 1, 10)) FROM visited
  WHERE ok AND round((julianday(hour) - julianday(last_good)) * 24) > 1 AND hour >= since AND (
    before_ok AND round((julianday(hour) - julianday(before)) * 24) * 3600 <= planned_s + 3600
    OR joined AND julianday(hour) - julianday(last_good) < 7.01)
  UNION ALL
  SELECT source, first, hour, since, date(day, '+1 day') FROM days WHERE date(day, '+1 day') <= substr(hour, 1, 10)
), told AS (
  SELECT v.source, v.day, v.ok AS heard, v.visits, v.posts, v.new, CASE
    WHEN v.ok THEN ''
    WHEN v.next_good LIKE '%1' AND julianday(substr(v.next_good, 1, 20)) - julianday(v.last_good) < 7.01 THEN ''
    WHEN v.hour < s.first_heard AND v.hour >= substr(s.history_from, 1, 13) THEN ''
    ELSE v.state END AS missed
  FROM visited v JOIN sources s ON s.source = v.source WHERE v.day >= v.since
  UNION ALL
  SELECT source, day, max(0, round((min(julianday(hour), julianday(day, '+1 day'))
    - max(julianday(first, '+1 hour'), julianday(day))) * 24)), 0, 0, 0, '' FROM days
)
SELECT source, day, CAST(sum(heard) AS INTEGER) AS heard, sum(missed = 'late') AS late,
  sum(missed IN ('blocked', 'robots')) AS blocked, sum(missed = 'robots') AS robots,
  sum(missed = 'unreadable') AS unreadable, sum(missed = 'gone') AS gone, sum(missed = 'config') AS config,
  sum(visits) AS visits, sum(posts) AS posts, sum(new) AS new
FROM told GROUP BY source, day;

-- One row per source and day (UTC) that it was visited on or that a later visit made up for. The state now is on each of
-- its rows.
CREATE VIEW v_coverage AS
SELECT d.source, d.day,
  -- what the first visit read of the hours before it counts too
  CAST(min(24, d.heard + coalesce(max(0, round((
    min(julianday(substr(s.first_heard, 1, 13) || ':00:00'), julianday(d.day, '+1 day'))
    - max(julianday(substr(s.history_from, 1, 13) || ':00:00'), julianday(d.day))) * 24)), 0)) AS INTEGER) AS hours_heard,
  d.late AS hours_late, d.blocked AS hours_blocked, d.robots AS hours_blocked_by_robots,
  d.unreadable AS hours_unreadable, d.gone AS hours_gone, d.config AS hours_config,
  d.visits, d.posts AS posts_read, d.new AS posts_new,
  s.state AS state_now, s.state_since AS state_now_since, s.detail AS state_now_detail, s.last_heard,
  s.hours AS read_only_in, s.active
FROM (SELECT * FROM rolled_coverage UNION ALL SELECT * FROM live_coverage) d CROSS JOIN sources s ON s.source = d.source
WHERE d.visits OR d.heard;

-- One row per thing that a person said of a judgement, in the order in which they did. `holds`: it is the newest word on
-- it, and the post says today what it said then.
CREATE VIEW v_labels AS
SELECT c.brand, iif(m.expired = 0, p.url, NULL) AS link, c.at, c.by, c.field, c.old, c.new, c.note, c.chosen,
  p.fingerprint = c.fingerprint AND p.deleted IS NULL AND NOT EXISTS (
    SELECT 1 FROM corrections later WHERE later.post = c.post AND later.brand = c.brand AND later.field = c.field
    AND later.correction > c.correction
    AND (c.field <> 'topic' OR iif(later.new = '', later.old, later.new) = iif(c.new = '', c.old, c.new))) AS holds,
  p.key AS post_key
FROM corrections c JOIN posts p ON p.id = c.post LEFT JOIN mentions m ON m.post = c.post AND m.brand = c.brand
ORDER BY c.correction;

-- One row per brand, post and wording that a digest quoted, as it read then. `became` says what the post is now.
CREATE VIEW v_evidence AS
SELECT e.brand, e.quoted, e.at, e.seen, e.url AS link, e.platform, e.text, e.sha256,
  CASE WHEN p.id IS NULL THEN 'gone' WHEN p.deleted IS NOT NULL THEN 'deleted' WHEN p.text = e.text THEN 'same'
    ELSE 'edited' END AS became,
  e.voice AS author, e.post_key
FROM evidence e LEFT JOIN posts p ON p.key = e.post_key;

-- One row per thing that people took up: where it stands since its newest turn. Past the brand's retention `link` and
-- `title` are NULL.
CREATE VIEW v_triage AS
SELECT t.brand, t.what, t.status, t.owner, t.note, t.by, t.at, s.turns,
  CASE t.what WHEN 'mention' THEN iif(m.expired = 0, p.url, NULL) WHEN 'thread' THEN h.url END AS link,
  iif(t.what = 'mention' AND m.expired IS NOT 0, NULL, h.title) AS title,
  t.topic, t.thread, iif(t.what = 'mention' AND m.expired IS NOT 0, NULL, h.thread) AS in_thread,
  p.key AS post_key, t.turn
FROM (SELECT max(turn) AS turn, count(*) AS turns FROM triage GROUP BY brand, what, post, thread, topic) s
JOIN triage t ON t.turn = s.turn
LEFT JOIN posts p ON p.id = t.post
LEFT JOIN mentions m ON m.post = t.post AND m.brand = t.brand
LEFT JOIN threads h ON h.thread = coalesce(t.thread, p.thread);
