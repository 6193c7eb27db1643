-- en: Who spoke of us before, and now says that they leave?
-- zh: 哪些以前就談過我們的人，現在說要離開？
-- en, about: People who said in these days that they leave, and had spoken of the brand before. What they had brought
-- en, about: until then (love units) is lost with them. Nobody's name stands here; the link leads to their words.
-- zh, about: 這幾天說要離開、而且先前就談過本品牌的人；先前帶來的好感（LU）說明失去的是什麼。
-- zh, about: 這裡沒有人名，連結會帶你到他們公開發言的地方。
-- columns: brand, left_on, known_since, posts_before, lu_before, topics, link, voice
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
-- :days = 30 | en: how many days, up to the newest mention | zh: 到最新一則為止的天數
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-' || (coalesce(nullif(:days, ''), 30) - 1) || ' days') AS since
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
), leaving AS (
  SELECT a.brand, m.voice, max(m.at) AS at, m.day, m.mention, m.post
  FROM asked a CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = a.brand AND likelihood(m.day >= a.since, 0.01)
  CROSS JOIN judgements j ON j.mention = m.mention CROSS JOIN posts p ON p.id = m.post
  WHERE j.leaving AND m.by_brand = 0 AND m.muted = '' AND m.expired = 0
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
  GROUP BY a.brand, m.voice
)
SELECT l.brand, l.day AS left_on, min(b.day) AS known_since, count(*) AS posts_before,
  round(coalesce((SELECT sum(e.amount) FROM entries e INDEXED BY entries_brand_voice
    WHERE e.brand = l.brand AND e.voice = l.voice AND e.day < l.day), 0.0), 1) AS lu_before,
  (SELECT group_concat(topic, ', ') FROM (SELECT topic FROM judgement_topics WHERE mention = l.mention ORDER BY rank))
    AS topics,
  (SELECT url FROM posts WHERE id = l.post) AS link, l.voice
FROM leaving l CROSS JOIN mentions b INDEXED BY mentions_voice ON b.voice = l.voice AND b.brand = l.brand
WHERE b.at < l.at AND b.by_brand = 0 AND b.muted = '' AND b.expired = 0
GROUP BY l.brand, l.voice
ORDER BY lu_before DESC, posts_before DESC, l.voice
LIMIT 100
