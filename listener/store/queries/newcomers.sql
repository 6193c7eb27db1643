-- en: How did people who spoke of us for the first time begin?
-- zh: 第一次談到我們的人，是怎麼開始的？
-- en, about: By the week (from Monday) of their first post: how many came new, how many of them have cost more love
-- en, about: than they brought so far, and how many already say that they leave.
-- zh, about: 依第一則貼文所在的週（週一起）：新來了多少人，其中多少人至今消耗的好感多過帶來的，多少人已經說要離開。
-- columns: brand, week, newcomers, in_the_red, in_the_red_share, leaving
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
-- :days = 56 | en: how many days, up to the newest mention | zh: 到最新一則為止的天數
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-' || (coalesce(nullif(:days, ''), 56) - 1) || ' days') AS since
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
), spoke AS (
  SELECT a.brand, m.voice, min(m.day) AS first, a.since
  FROM asked a CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = a.brand AND likelihood(m.day >= a.since, 0.01)
  WHERE m.by_brand = 0 AND m.muted = '' AND m.expired = 0
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
  GROUP BY a.brand, m.voice
), fresh AS (
  SELECT s.brand, s.voice, date(s.first, '-6 days', 'weekday 1') AS week,
    (SELECT coalesce(sum(e.amount), 0.0) FROM entries e INDEXED BY entries_brand_voice
     WHERE e.brand = s.brand AND e.voice = s.voice) AS lu,
    EXISTS (SELECT 1 FROM mentions m INDEXED BY mentions_voice CROSS JOIN judgements j ON j.mention = m.mention
     WHERE m.voice = s.voice AND m.brand = s.brand AND j.leaving) AS leaving
  FROM spoke s
  WHERE NOT EXISTS (SELECT 1 FROM mentions m INDEXED BY mentions_voice
    WHERE m.voice = s.voice AND m.brand = s.brand AND m.day < s.since AND m.muted = '')
)
SELECT brand, week, count(*) AS newcomers, sum(lu < 0) AS in_the_red,
  round(1.0 * sum(lu < 0) / count(*), 2) AS in_the_red_share, sum(leaving) AS leaving
FROM fresh GROUP BY brand, week ORDER BY brand, week
