-- en: Whom do people speak about, week by week?
-- zh: 每一週，大家在談誰？
-- en, about: Different voices by brand and week (from Monday), their share among all brands of this store, and the love
-- en, about: that the week brought or cost each of them. The last week may not be over yet.
-- zh, about: 每個品牌每週（週一起）不同的人數、在本資料庫所有品牌中的占比，以及那一週好感的增減。最後一週可能還沒過完。
-- columns: week, brand, voices, share, net_lu
-- :weeks = 13 | en: how many weeks, the newest included | zh: 週數，含最新一週
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT date(day, '-6 days', 'weekday 1', '-' || (7 * coalesce(nullif(:weeks, ''), 13) - 7) || ' days') AS since
  FROM newest
), spoke AS (
  SELECT b.brand, date(m.day, '-6 days', 'weekday 1') AS week, count(DISTINCT m.voice) AS voices
  FROM asked a CROSS JOIN v_brands b
  CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = b.brand AND likelihood(m.day >= a.since, 0.01)
  WHERE m.by_brand = 0 AND m.muted = ''
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
  GROUP BY b.brand, week
), moved AS (
  SELECT b.brand, date(e.day, '-6 days', 'weekday 1') AS week, sum(e.amount) AS net
  FROM asked a CROSS JOIN v_brands b
  CROSS JOIN entries e INDEXED BY entries_brand_day ON e.brand = b.brand AND likelihood(e.day >= a.since, 0.01)
  GROUP BY b.brand, week
)
SELECT week, brand, voices, round(1.0 * voices / sum(voices) OVER (PARTITION BY week), 3) AS share,
  round(coalesce(net, 0.0), 1) AS net_lu
FROM spoke LEFT JOIN moved USING (brand, week) ORDER BY week, voices DESC, brand
