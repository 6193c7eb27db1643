-- en: Which sources were we blind to?
-- zh: 哪些來源我們聽不到？
-- en, about: Hours that no visit heard and no later visit made up for, by what the visits came to, in the last days
-- en, about: (UTC). A brand can look calm because nobody could listen. Only sources that are in the config.
-- zh, about: 到最近一次造訪為止的幾天（UTC）裡，沒聽到、之後也沒補回的時數，依原因分列。
-- zh, about: 看起來平靜，也可能只是沒聽到。只列設定檔裡還有的來源。
-- columns: source, hours_heard, hours_blind, hours_blocked, hours_late, hours_unreadable, last_heard, state_now, why
-- :days = 14 | en: how many days, up to the newest visit | zh: 到最近一次造訪為止的天數
WITH asked AS (
  SELECT date(substr(max(hour), 1, 10), '-' || (coalesce(nullif(:days, ''), 14) - 1) || ' days') AS since
  FROM source_hours
)
SELECT c.source, sum(c.hours_heard) AS hours_heard,
  sum(c.hours_late + c.hours_blocked + c.hours_unreadable + c.hours_gone + c.hours_config) AS hours_blind,
  sum(c.hours_blocked) AS hours_blocked, sum(c.hours_late) AS hours_late, sum(c.hours_unreadable) AS hours_unreadable,
  max(c.last_heard) AS last_heard, max(c.state_now) AS state_now, max(c.state_now_detail) AS why
FROM v_coverage c
WHERE c.day >= (SELECT since FROM asked) AND c.active
GROUP BY c.source
HAVING hours_blind > 0 OR state_now NOT IN ('heard', 'empty')
ORDER BY hours_blind DESC, c.source
