-- en: Which voices speak in several places?
-- zh: 哪些聲音同時出現在好幾個地方？
-- en, about: Voices whose words of the last days stand on more than one site. Copies count for whoever said it first,
-- en, about: so a row may be a busy person, a syndicated article or a campaign (story_kinds says which).
-- zh, about: 最近幾天的話出現在不只一個網站的聲音。轉貼算在最先說的人身上，所以一列可能是一個勤快的人、
-- zh, about: 一篇被轉載的文章，或一場有組織的宣傳（見 story_kinds）。
-- columns: brand, places, posts, threads, story_kinds, sentiment, first, last, link, voice
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
-- :days = 30 | en: how many days, up to the newest mention | zh: 到最新一則為止的天數
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-' || (coalesce(nullif(:days, ''), 30) - 1) || ' days') AS since
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
)
SELECT a.brand, count(DISTINCT p.platform) AS places, count(*) AS posts, count(DISTINCT p.thread) AS threads,
  coalesce(group_concat(DISTINCT (SELECT s.kind FROM stories s WHERE s.story = p.story)), '') AS story_kinds,
  round(avg(j.sentiment), 2) AS sentiment, min(m.at) AS first, max(m.at) AS last, p.url AS link, m.voice
FROM asked a CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = a.brand AND likelihood(m.day >= a.since, 0.01)
CROSS JOIN posts p ON p.id = m.post CROSS JOIN judgements j ON j.mention = m.mention
WHERE m.by_brand = 0 AND m.muted = '' AND m.expired = 0
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY a.brand, m.voice
HAVING places > 1
ORDER BY places DESC, posts DESC, m.voice
LIMIT 100
