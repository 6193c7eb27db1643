-- en: Which threads cost us most love?
-- zh: 哪些討論串讓我們失去最多好感？
-- en, about: Threads by what they moved in the Love Bank in the last days, the heaviest loss first. answered is when
-- en, about: the company first posted there. Of what is past retention the thread is not known any more.
-- zh, about: 依最近幾天在好感帳戶裡造成的增減排列，損失最重的在前。answered 是公司在該串第一次發言的時間。
-- zh, about: 超過保存期限的貼文，已不知屬於哪一串，不在這裡。
-- columns: brand, thread_title, net_lu, withdrawals_lu, voices, posts, answered, thread_link
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
-- :days = 30 | en: how many days, up to the newest mention | zh: 到最新一則為止的天數
WITH newest AS (
  SELECT max((SELECT max(m.day) FROM mentions m WHERE m.brand = b.brand)) AS day FROM v_brands b
), asked AS (
  SELECT b.brand, date(n.day, '-' || (coalesce(nullif(:days, ''), 30) - 1) || ' days') AS since
  FROM v_brands b, newest n WHERE likelihood(coalesce(:brand, '') IN ('', b.brand), 0.0001)
), lost AS (
  SELECT a.brand, p.thread, round(sum(e.amount), 1) AS net_lu, round(sum(min(e.amount, 0.0)), 1) AS withdrawals_lu,
    count(DISTINCT e.voice) AS voices, count(*) AS posts
  FROM asked a CROSS JOIN entries e INDEXED BY entries_brand_day ON e.brand = a.brand AND likelihood(e.day >= a.since, 0.01)
  CROSS JOIN mentions m ON m.mention = e.mention CROSS JOIN posts p ON p.id = m.post
  WHERE m.expired = 0
  GROUP BY a.brand, p.thread HAVING net_lu < 0
  ORDER BY net_lu, p.thread LIMIT 50
)
SELECT l.brand, t.title AS thread_title, l.net_lu, l.withdrawals_lu, l.voices, l.posts, (
    SELECT min(w.at) FROM posts o CROSS JOIN mentions w ON w.post = o.id AND w.brand = l.brand
    WHERE o.thread = l.thread AND w.by_brand AND o.deleted IS NULL
  ) AS answered, t.url AS thread_link
FROM lost l CROSS JOIN threads t ON t.thread = l.thread
ORDER BY l.net_lu, l.thread
