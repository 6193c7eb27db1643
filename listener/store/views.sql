-- The promised views (docs/store.md describes every column). Times are UTC, days are in the brand's own zone, _lu is
-- love units, _share is 0 to 1. Unless a column says otherwise, what the company itself wrote (by_brand = 1) is not a
-- voice and is not counted, and neither is what was deleted at its source or is muted (v_mentions shows both, `deleted`
-- says when and `muted` why). A voice is whom a mention counts for: copies of one text count for whoever said it first.

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

-- One row per brand and day with mentions.
CREATE VIEW v_daily AS
SELECT m.brand, m.day, count(*) AS mentions, count(DISTINCT m.voice) AS voices,
  count(DISTINCT iif(j.label = 'negative', m.voice, NULL)) AS negative_voices,
  count(DISTINCT iif(j.label = 'neutral', m.voice, NULL)) AS neutral_voices,
  count(DISTINCT iif(j.label = 'positive', m.voice, NULL)) AS positive_voices,
  round(1.0 * count(DISTINCT iif(j.label = 'negative', m.voice, NULL)) / count(DISTINCT m.voice), 4) AS negative_share,
  count(DISTINCT m.source) AS sources,
  (SELECT coalesce(sum(e.amount), 0.0) FROM entries e WHERE e.brand = m.brand AND e.day = m.day AND e.amount > 0)
    AS deposits_lu,
  (SELECT coalesce(sum(e.amount), 0.0) FROM entries e WHERE e.brand = m.brand AND e.day = m.day AND e.amount < 0)
    AS withdrawals_lu
FROM mentions m JOIN judgements j ON j.mention = m.mention
WHERE m.by_brand = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY m.brand, m.day;

-- One row per brand, day and topic that somebody spoke of. A post with two topics counts for both.
CREATE VIEW v_topics_daily AS
SELECT m.brand, m.day, jt.topic, count(DISTINCT m.voice) AS voices, count(*) AS posts,
  round(avg(j.sentiment), 4) AS mean_sentiment
FROM mentions m
JOIN judgements j ON j.mention = m.mention
JOIN judgement_topics jt ON jt.mention = m.mention
WHERE m.by_brand = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY m.brand, m.day, jt.topic;

-- A helper: one row per calendar day from the first to the newest entry, with a weight that doubles every 90 days.
-- Σ amount · weight / weight(t) is Σ amount · 2^(−age/90), and needs no power function, which not every SQLite has.
CREATE VIEW v_weights AS
WITH RECURSIVE days (day, weight, last) AS (
  -- 90,000 days back is as far as the weight stays a finite number
  SELECT max(min(day), date(max(day), '-90000 days')), 1.0, max(day) FROM entries HAVING count(*) > 0
  UNION ALL
  SELECT date(day, '+1 day'), weight * 1.0077313692483 /* 2^(1/90) */, last FROM days WHERE day < last
)
SELECT day, weight FROM days;

-- One row per brand and calendar day, from the brand's first entry to the newest entry of the store.
CREATE VIEW v_balance AS
WITH net AS (
  SELECT brand, day, sum(max(amount, 0.0)) AS deposits_lu, sum(min(amount, 0.0)) AS withdrawals_lu
  FROM entries GROUP BY brand, day
), calendar AS (
  SELECT b.brand, w.day, w.weight FROM (SELECT brand, min(day) AS first FROM entries GROUP BY brand) b
  JOIN v_weights w ON w.day >= b.first
)
SELECT brand, day, coalesce(deposits_lu, 0.0) AS deposits_lu, coalesce(withdrawals_lu, 0.0) AS withdrawals_lu,
  round(sum(coalesce(deposits_lu + withdrawals_lu, 0.0) * weight) OVER so_far / weight, 4) AS balance_lu,
  round(sum(coalesce(deposits_lu + withdrawals_lu, 0.0)) OVER so_far, 4) AS running_lu
FROM calendar LEFT JOIN net USING (brand, day)
WINDOW so_far AS (PARTITION BY brand ORDER BY day);

-- One row per brand and voice (one person on one platform) that ever spoke of it, retention permitting.
CREATE VIEW v_relationships AS
WITH said AS (
  SELECT m.brand, m.voice, min(m.day) AS first_day, max(m.day) AS last_day, count(*) AS posts,
    max(j.leaving) AS leaving
  FROM mentions m JOIN judgements j ON j.mention = m.mention
  WHERE m.by_brand = 0 AND m.muted = '' AND m.expired = 0
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
  GROUP BY m.brand, m.voice
), booked AS (   -- CROSS JOIN: day by day through the brands' entries, each found by its index
  SELECT e.brand, e.voice, sum(e.amount > 0) AS deposits, sum(e.amount < 0) AS withdrawals,
    sum(e.amount * w.weight) AS weighed, min(e.amount) AS worst,
    max(iif(e.amount > 0, e.day, NULL)) AS last_deposit, max(iif(e.amount < 0, e.day, NULL)) AS last_withdrawal
  FROM (SELECT DISTINCT brand FROM entries) b CROSS JOIN v_weights w
  CROSS JOIN entries e ON e.brand = b.brand AND e.day = w.day GROUP BY e.brand, e.voice
), newest AS (
  SELECT e.brand, w.weight FROM (SELECT brand, max(day) AS day FROM entries GROUP BY brand) e JOIN v_weights w USING (day)
), risks AS (
  SELECT s.*, coalesce(b.deposits, 0) AS deposits, coalesce(b.withdrawals, 0) AS withdrawals,
    round(coalesce(b.weighed / n.weight, 0.0), 4) AS balance_lu, min(coalesce(b.worst, 0.0), 0.0) AS worst_lu,
    b.last_deposit, b.last_withdrawal,
    (SELECT day FROM entries e WHERE e.brand = s.brand AND e.voice = s.voice AND e.amount < 0
     ORDER BY day DESC LIMIT 1 OFFSET 2) AS third
  FROM said s LEFT JOIN booked b ON b.brand = s.brand AND b.voice = s.voice LEFT JOIN newest n ON n.brand = s.brand
), told AS (
  SELECT r.*, v.platform, iif(leaving, ', leaving', '') || iif(worst_lu <= -8, ', betrayal', '')
    || iif(julianday(last_withdrawal) - julianday(third) <= 90 AND coalesce(last_deposit < third, 1),
           ', small disappointments', '') AS reasons
  FROM risks r JOIN voices v ON v.voice = r.voice
)
SELECT brand, voice, platform, first_day, last_day, posts, deposits, withdrawals, balance_lu, leaving, worst_lu,
  reasons <> '' AS at_risk, substr(reasons, 3) AS at_risk_reason
FROM told;

-- One row per day and brand: whom people spoke about. Shares of one day add up to 1 over the brands of this store.
CREATE VIEW v_share_of_voice AS
SELECT day, brand, voices, round(1.0 * voices / sum(voices) OVER (PARTITION BY day), 4) AS share
FROM (SELECT day, brand, count(DISTINCT voice) AS voices FROM mentions
  WHERE by_brand = 0 AND muted = '' AND post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL) GROUP BY day, brand);

-- One row per thread and brand: the posts of the thread that speak of the brand.
CREATE VIEW v_threads AS
WITH newest AS (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', max(at), '-1 day') AS day_before FROM mentions)
SELECT t.url AS thread_link, t.title AS thread_title, t.source, m.brand,
  sum(m.by_brand = 0) AS posts, count(DISTINCT iif(m.by_brand, NULL, m.voice)) AS voices,
  min(m.at) AS first, max(m.at) AS last,
  sum(m.by_brand = 0 AND m.at > n.day_before) AS posts_last_24h,
  min(iif(m.by_brand, m.at, NULL)) AS answered_by_brand
FROM mentions m JOIN newest n JOIN posts p ON p.id = m.post JOIN threads t ON t.thread = p.thread
WHERE m.expired = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY t.thread, m.brand;

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

-- One row per source and day (UTC) that it was visited on or that a later visit made up for; which hours count as heard
-- is told in store/heard.py (the digest counts by it). The state now is on each of its rows.
CREATE VIEW v_coverage AS
WITH visited AS (
  SELECT h.*, substr(h.hour, 1, 10) AS day, h.state IN ('heard', 'empty') AS ok,
    lag(h.state IN ('heard', 'empty')) OVER so_far AS before_ok, lag(h.hour) OVER so_far AS before,
    lag(h.interval_s) OVER so_far AS planned_s,
    max(iif(h.state IN ('heard', 'empty'), h.hour, NULL))
      OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_good,
    min(iif(h.state IN ('heard', 'empty'), h.hour || h.joined, NULL))
      OVER (so_far ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_good
  FROM source_hours h WINDOW so_far AS (PARTITION BY h.source ORDER BY h.hour)
), days (source, first, hour, day) AS (  -- the hours between `first` and `hour` were heard by the visit in `hour`
  SELECT source, last_good, hour, substr(last_good, 1, 10) FROM visited
  WHERE ok AND round((julianday(hour) - julianday(last_good)) * 24) > 1 AND (
    before_ok AND round((julianday(hour) - julianday(before)) * 24) * 3600 <= planned_s + 3600
    OR joined AND julianday(hour) - julianday(last_good) < 7.01)
  UNION ALL
  SELECT source, first, hour, date(day, '+1 day') FROM days WHERE date(day, '+1 day') <= substr(hour, 1, 10)
), told AS (
  SELECT v.source, v.day, v.ok AS heard, v.visits, v.posts, v.new, CASE
    WHEN v.ok THEN ''
    WHEN v.next_good LIKE '%1' AND julianday(substr(v.next_good, 1, 20)) - julianday(v.last_good) < 7.01 THEN ''
    WHEN v.hour < s.first_heard AND v.hour >= substr(s.history_from, 1, 13) THEN ''
    ELSE v.state END AS missed
  FROM visited v JOIN sources s ON s.source = v.source
  UNION ALL
  SELECT source, day, max(0, round((min(julianday(hour), julianday(day, '+1 day'))
    - max(julianday(first, '+1 hour'), julianday(day))) * 24)), 0, 0, 0, '' FROM days
), summed AS (
  SELECT source, day, sum(heard) AS heard, sum(missed = 'late') AS late, sum(missed IN ('blocked', 'robots')) AS blocked,
    sum(missed = 'robots') AS robots, sum(missed = 'unreadable') AS unreadable, sum(missed = 'gone') AS gone,
    sum(missed = 'config') AS config, sum(visits) AS visits, sum(posts) AS posts, sum(new) AS new
  FROM told GROUP BY source, day
)
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
FROM summed d JOIN sources s ON s.source = d.source
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
