-- en: Which topics rise, week over week?
-- zh: 哪些主題比前一週更多人談？
-- en, about: Different voices in the seven days up to the newest mention against the seven days before. sentiment is
-- en, about: that of this week's posts on the topic.
-- zh, about: 到最新一則為止的七天，與再前七天相比，算的是不同的人。sentiment 是本週談這個主題的貼文的平均情感。
-- columns: brand, topic, voices_this_week, voices_last_week, change, sentiment
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-13 days') AS since, date(n.day, '-6 days') AS this
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
)
SELECT a.brand, g.topic, count(DISTINCT iif(m.day >= a.this, m.voice, NULL)) AS voices_this_week,
  count(DISTINCT iif(m.day < a.this, m.voice, NULL)) AS voices_last_week,
  count(DISTINCT iif(m.day >= a.this, m.voice, NULL)) - count(DISTINCT iif(m.day < a.this, m.voice, NULL)) AS change,
  round(avg(iif(m.day >= a.this, j.sentiment, NULL)), 2) AS sentiment
FROM asked a CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = a.brand AND likelihood(m.day >= a.since, 0.01)
CROSS JOIN judgement_topics g ON g.mention = m.mention CROSS JOIN judgements j ON j.mention = m.mention
WHERE m.by_brand = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY a.brand, g.topic
HAVING change > 0
ORDER BY change DESC, voices_this_week DESC, a.brand, g.topic
