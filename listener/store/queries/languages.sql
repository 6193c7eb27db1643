-- en: In which languages do people speak of us, and how do they feel?
-- zh: 大家用哪些語言談我們，感受如何？
-- en, about: Voices, posts and mean sentiment by language in the last days; negative_share is of voices.
-- zh, about: 最近幾天依語言分列的人數、貼文數與平均情感；negative_share 是負面聲音的占比。
-- columns: brand, language, voices, posts, negative_share, sentiment
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
-- :days = 30 | en: how many days, up to the newest mention | zh: 到最新一則為止的天數
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-' || (coalesce(nullif(:days, ''), 30) - 1) || ' days') AS since
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
)
SELECT a.brand, p.language, count(DISTINCT m.voice) AS voices, count(*) AS posts,
  round(1.0 * count(DISTINCT iif(j.label = 'negative', m.voice, NULL)) / count(DISTINCT m.voice), 2) AS negative_share,
  round(avg(j.sentiment), 2) AS sentiment
FROM asked a CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = a.brand AND likelihood(m.day >= a.since, 0.01)
CROSS JOIN posts p ON p.id = m.post CROSS JOIN judgements j ON j.mention = m.mention
WHERE m.by_brand = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY a.brand, p.language
ORDER BY a.brand, voices DESC, p.language
