-- en: Which complaints wait for an answer, and for how long?
-- zh: 哪些抱怨還沒有人回應，已經等了多久？
-- en, about: Threads with negative posts in the last days in which the company has not spoken since the first of them.
-- en, about: Hours are counted up to the newest mention of the store. Not every thread wants an answer; the digest's
-- en, about: cards say which.
-- zh, about: 最近幾天出現負面貼文、而公司在第一則之後還沒發言的討論串；等待時數算到資料庫裡最新一則為止。
-- zh, about: 不是每一串都該回，該不該回，每日摘要的建議卡會說。
-- columns: brand, thread_title, hours_waiting, voices, posts, complained, thread_link
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
-- :days = 14 | en: how many days, up to the newest mention | zh: 到最新一則為止的天數
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-' || (coalesce(nullif(:days, ''), 14) - 1) || ' days') AS since
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
), now AS (
  SELECT max((SELECT max(m.at) FROM mentions m WHERE m.brand = b.brand)) AS at FROM v_brands b
), said AS (
  SELECT a.brand, p.thread, m.at, m.day, m.voice, m.by_brand
  FROM asked a
  CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = a.brand AND likelihood(m.day >= a.since, 0.01)
  CROSS JOIN judgements j ON j.mention = m.mention CROSS JOIN posts p ON p.id = m.post
  WHERE (m.by_brand OR j.label = 'negative') AND m.muted = '' AND m.expired = 0
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
), complaints AS (
  SELECT brand, thread, min(at) AS complained, count(DISTINCT voice) AS voices, count(*) AS posts
  FROM said WHERE by_brand = 0 GROUP BY brand, thread
)
SELECT c.brand, t.title AS thread_title, round((julianday(now.at) - julianday(c.complained)) * 24, 1) AS hours_waiting,
  c.voices, c.posts, c.complained, t.url AS thread_link
FROM complaints c LEFT JOIN said w
  ON w.brand = c.brand AND w.thread = c.thread AND w.by_brand AND w.at >= c.complained
CROSS JOIN now CROSS JOIN threads t ON t.thread = c.thread
WHERE w.at IS NULL
ORDER BY c.voices DESC, hours_waiting DESC, t.thread
LIMIT 100
