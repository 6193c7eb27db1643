-- en: What did people correct, and where is the judge wrong?
-- zh: 大家更正了什麼，判讀錯在哪裡？
-- en, about: All that was ever said of judgements, by what stood there and what was said; confirmed rows stand with the
-- en, about: same value twice. Posts that were picked at random (listener correct --next --random) tell of all posts,
-- en, about: others only of the doubtful ones.
-- zh, about: 依原本的判讀與更正後的值統計；兩值相同就是確認無誤。隨機抽出的（listener correct --next --random）
-- zh, about: 才能代表全體，其他的只代表有疑問的貼文。
-- columns: brand, field, old, new, times, at_random, newest, link
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
SELECT c.brand, c.field, c.old, c.new, count(*) AS times, sum(c.chosen = 'random') AS at_random, max(c.at) AS newest,
  iif(m.expired = 0 AND p.deleted IS NULL, p.url, NULL) AS link
FROM v_brands b CROSS JOIN corrections c INDEXED BY corrections_brand ON c.brand = b.brand
JOIN posts p ON p.id = c.post LEFT JOIN mentions m ON m.post = c.post AND m.brand = c.brand
WHERE coalesce(:brand, '') IN ('', b.brand)
GROUP BY c.brand, c.field, c.old, c.new
ORDER BY c.old = c.new, times DESC, c.brand, c.field, c.old, c.new
