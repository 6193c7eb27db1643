-- en: What builds love, and what costs it?
-- zh: 什麼累積好感，什麼消耗好感？
-- en, about: Touchpoints and the reasons booked there, in the last days, the largest deposits first. A reason without a
-- en, about: name is a feeling without a topic.
-- zh, about: 最近幾天各接觸點與入帳原因，存入最多的在前。沒有名稱的原因，是沒有主題、只有情感的貼文。
-- columns: brand, touchpoint, reason, deposits_lu, withdrawals_lu, net_lu, voices
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
-- :days = 30 | en: how many days, up to the newest mention | zh: 到最新一則為止的天數
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-' || (coalesce(nullif(:days, ''), 30) - 1) || ' days') AS since
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
)
SELECT a.brand, e.touchpoint, e.reason, round(sum(max(e.amount, 0.0)), 1) AS deposits_lu,
  round(sum(min(e.amount, 0.0)), 1) AS withdrawals_lu, round(sum(e.amount), 1) AS net_lu,
  count(DISTINCT e.voice) AS voices
FROM asked a CROSS JOIN entries e INDEXED BY entries_brand_day ON e.brand = a.brand AND likelihood(e.day >= a.since, 0.01)
GROUP BY a.brand, e.touchpoint, e.reason
ORDER BY deposits_lu DESC, withdrawals_lu, a.brand, e.touchpoint, e.reason
