-- en: What rang, how fast, and who took it up?
-- zh: 響過哪些警報，多快，誰接手？
-- en, about: Minutes from the first post of the burst to the alert, from there to the first mail queued, and to the
-- en, about: acknowledgement; NULL where it never came.
-- zh, about: 從第一則貼文到警報、從警報到第一封信排入寄送、到有人確認接手，各過了幾分鐘；沒有發生的是 NULL。
-- columns: brand, topic, stream, severity, state, opened
-- columns: minutes_to_alert, minutes_to_mail, minutes_to_answer, people_told, acknowledged_by, voices, alert_key
-- :brand = '' | en: a brand's id; empty for all | zh: 品牌代號；留空為全部
SELECT a.brand, a.topic, a.stream, a.severity, a.state, a.opened,
  round((julianday(a.opened) - julianday(a.began)) * 1440) AS minutes_to_alert,
  round((julianday(min(t.at)) - julianday(a.opened)) * 1440) AS minutes_to_mail,
  round((julianday(a.acknowledged) - julianday(a.opened)) * 1440) AS minutes_to_answer,
  count(DISTINCT t.person) AS people_told, a.acknowledged_by, max(a.total, a.voices) AS voices, a.key AS alert_key
FROM v_brands b CROSS JOIN alerts a ON a.brand = b.brand LEFT JOIN alert_told t ON t.alert = a.alert
WHERE coalesce(:brand, '') IN ('', a.brand)
GROUP BY a.alert
ORDER BY a.opened DESC
LIMIT 200
