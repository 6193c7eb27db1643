-- en: How many complaints do we answer, and how fast?
-- zh: 我們回了多少抱怨，多快？
-- en, about: By the week (from Monday) in which a thread's first negative post came. answered: the company spoke there
-- en, about: afterwards; median_hours is of those; late: answered later than so many hours, or not at all.
-- zh, about: 以討論串第一則負面貼文所在的週（週一起）計。answered：公司之後有發言；median_hours 是這些串的中位數；
-- zh, about: late：超過指定時數才回，或一直沒回。
-- columns: brand, week, threads, answered, answered_share, median_hours, late
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
-- :days = 91 | en: how many days, up to the newest mention | zh: 到最新一則為止的天數
-- :hours = 4 | en: your own promise, in hours | zh: 你們自己承諾的時數
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-' || (coalesce(nullif(:days, ''), 91) - 1) || ' days') AS since
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
), said AS (
  SELECT a.brand, p.thread, m.at, m.day, m.voice, m.by_brand
  FROM asked a
  CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = a.brand AND likelihood(m.day >= a.since, 0.01)
  CROSS JOIN judgements j ON j.mention = m.mention CROSS JOIN posts p ON p.id = m.post
  WHERE (m.by_brand OR j.label = 'negative') AND m.muted = '' AND m.expired = 0
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
), complaints AS (
  SELECT brand, thread, min(at) AS complained, date(min(day), '-6 days', 'weekday 1') AS week
  FROM said WHERE by_brand = 0 GROUP BY brand, thread
), waited AS (
  SELECT c.brand, c.week, (julianday(min(w.at)) - julianday(c.complained)) * 24 AS hours
  FROM complaints c LEFT JOIN said w
    ON w.brand = c.brand AND w.thread = c.thread AND w.by_brand AND w.at >= c.complained
  GROUP BY c.brand, c.thread
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY brand, week ORDER BY hours IS NULL, hours) AS place,
    count(hours) OVER (PARTITION BY brand, week) AS had FROM waited
)
SELECT brand, week, count(*) AS threads, count(hours) AS answered,
  round(1.0 * count(hours) / count(*), 2) AS answered_share,
  round(avg(iif(place IN ((had + 1) / 2, had / 2 + 1), hours, NULL)), 1) AS median_hours,
  sum(hours IS NULL OR hours > coalesce(nullif(:hours, ''), 4) + 0) AS late
FROM ranked GROUP BY brand, week ORDER BY brand, week
