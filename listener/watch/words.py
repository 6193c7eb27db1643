"""The alert mail's words, in both languages, and how numbers and times are said in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "zh-Hant"]

_EN = {
    "subject_opened": "{brand}: {name}, {voices} in {window}",
    "subject_escalated": "{brand}: growing, {name}, {voices}",
    "subject_closed": "{brand}: all clear, {name}",
    "subject_grew": "{brand}: {name}, {voices}",
    "subject_ended": "{brand}: no longer watched, {name}",
    "stream_all": "unusual talk",
    "stream_negative": "unusual anger",
    "stream_leaving": "people leaving",
    "stream_threads": "anger in several threads",
    "stream_thread": "a thread of critics",
    "high": "HIGH",
    "medium": "MEDIUM",
    "low": "LOW",
    "title_opened": "Alert",
    "title_escalated": "Alert, growing",
    "title_closed": "All clear",
    "title_grew": "Alert",
    "title_ended": "No longer watched",
    "again": "Again, since",
    "again_tripled": "three times as many voices as in the last mail: {was} then, {now} now.",
    "again_new place": "it has reached {place}.",
    "again_now high": "it is HIGH now.",
    "again_new topic": "another complaint has joined it: {topic}.",
    "what": "What",
    "what_text": "{name}: {total} since it began, {voices} in the last {window}. Usual: {expected}.",
    "what_short": "{name}: {voices} in the last {window}. Usual: {expected}.",
    "since": "Since",
    "since_text": "{began}, {ago} ago (first post). Raised {delay} after it, {opened}.",
    "sure": "How sure",
    "sure_text": "An ordinary {window} brings so many voices less than once in {odds}.",
    "sure_floor": "Raised by rule: on this topic three different people in a day are enough.",
    "judged_text": "A program judged the posts: read them first.",
    "fast": "How fast",
    "fast_text": "The number of voices doubled in the last {hours}.",
    "fast_unknown": "Too few voices to tell.",
    "where": "Where",
    "where_text": "{places}; {threads}.",
    "why": "Why {severity}",
    "posts": "The posts that show it best",
    "post": "post",
    "thread": "thread",
    "else": "What else",
    "else_campaign": "A campaign: {share} % of the posts share their text with another. Copies are counted once.",
    "else_new_names": "A campaign: one text posted under many new names. Copies are counted once.",
    "else_syndicated": "A press release or agency report: one text stands on many sites.",
    "else_press": "Somebody from the press is asking around: what you answer may be printed.",
    "else_thread": "One lively discussion: all of it stands in one thread.",
    "else_news": "An article or offer that is passed round: {share} % of the posts shown carry a link.",
    "else_good": "News, a sale or a launch: only {share} % of the voices are negative.",
    "else_none": "Nothing in the numbers points to a campaign, news or a sale. A recent notice of yours still may.",
    "hour": "In the first hour",
    "hour_none": "The playbook has no card for this. Read the posts, find the owner, answer nothing in haste.",
    "dont": "Don't",
    "who": "Who",
    "by": "by {time}",
    "clock": "{hours} h from the first post end {time}. Whether a legal clock runs is for the data-protection officer.",
    "answer": "Reply",
    "answer_thread": "in the thread, once, under the company's name",
    "answer_private": "in private only",
    "answer_hold": "not yet: hold until the facts are in",
    "answer_none": "do not reply",
    "ack": "Take it up",
    "ack_text": "{command}",
    "ack_link": "take it up on the web",
    "ack_mail": "take it up by mail",
    "chart": "Voices by the hour: at most {most}, in the hour from {time}.",
    "chart_band": "Grey: 19 in 20 ordinary hours stay within {band}.",
    "chart_none": "19 in 20 ordinary hours have none.",
    "chart_raised": "Dashed line: the alert was raised.",
    "chart_deaf": "Hatched: not heard.",
    "acked": "Taken up by {who} at {time}.",
    "unwatched": "The brand left the config, so nobody looks at this alert any more. It was not calm yet.",
    "calm": "It has been quiet for long enough in the places that were heard.",
    "report": "What it was",
    "report_began": "Began",
    "report_raised": "Raised",
    "report_acked": "Taken up",
    "report_nobody": "by nobody",
    "report_peak": "Peak",
    "report_peak_text": "{peak} in one window",
    "report_peak_hour": "{peak} in the hour from {time}",
    "report_voices": "Voices",
    "report_in_all": "{total} in all",
    "report_told": "Told",
    "report_untold": "nobody before this mail",
    "report_answered": "Answered",
    "report_unanswered": "the company wrote in none of its threads, as far as they were heard",
    "answered_in": "{time}, {title}",
    "more": "{n} more",
    "report_closed": "Closed",
    "reason_breadth": "{n} places",
    "reason_pace_h": "doubled in {n} h",
    "reason_topic": "about {n}",
    "reason_negative_share": "{n} % negative",
    "reason_leaving": "{n} say they leave",
    "reason_copies": "{n} % copies",
    "reason_floor": "a topic that alarms by itself",
    "clock_label": "Clock",
    "join": ", ",
    "colon": ": ",
    "comma": ", ",
    "then": "; ",
    "quotes": "“”",
    "seen": "As far as these sources were heard. Times: {zone}. How to read this mail: docs/alerts.md. Alert {key}.",
}
_ZH = {
    "subject_opened": "{brand}：{name}，{window}內{voices}",
    "subject_escalated": "{brand}：擴大中，{name}，{voices}",
    "subject_closed": "{brand}：已平息，{name}",
    "subject_grew": "{brand}：{name}，{voices}",
    "subject_ended": "{brand}：不再監看，{name}",
    "stream_all": "討論異常增加",
    "stream_negative": "負評異常增加",
    "stream_leaving": "有人要離開",
    "stream_threads": "多個討論串出現不滿",
    "stream_thread": "一面倒批評的討論串",
    "high": "高",
    "medium": "中",
    "low": "低",
    "title_opened": "警示",
    "title_escalated": "警示，仍在擴大",
    "title_closed": "已平息",
    "title_grew": "警示",
    "title_ended": "不再監看",
    "again": "再次通知",
    "again_tripled": "人數是上一封信的三倍：當時 {was} 人，現在 {now} 人。",
    "again_new place": "已經擴散到{place}。",
    "again_now high": "嚴重程度升為「高」。",
    "again_new topic": "又多了另一種抱怨：{topic}。",
    "what": "什麼事",
    "what_text": "{name}：開始至今共{total}，最近{window}有{voices}。平常：{expected}。",
    "what_short": "{name}：最近{window}有{voices}。平常：{expected}。",
    "since": "何時起",
    "since_text": "{began}（第一篇），距今{ago}。相隔{delay}發出警示：{opened}。",
    "sure": "多確定",
    "sure_text": "平常的{window}要出現這麼多人，機會不到{odds}分之一。",
    "sure_floor": "依規則發出：這類主題一天內有三位不同的人提到就會警示。",
    "judged_text": "主題與情緒由程式判讀，請先讀原文。",
    "fast": "多快",
    "fast_text": "最近{hours}內，發言人數增加了一倍。",
    "fast_unknown": "人數太少，還看不出來。",
    "where": "在哪裡",
    "where_text": "{places}；{threads}。",
    "why": "為何列為{severity}",
    "posts": "最能說明的貼文",
    "post": "貼文",
    "thread": "討論串",
    "else": "也可能是",
    "else_campaign": "有人發動洗版：{share}% 的貼文與別篇內容相同。複本只算一次。",
    "else_new_names": "有人發動洗版：許多新帳號貼出同一段文字。複本只算一次。",
    "else_syndicated": "新聞稿或通訊社報導：同一篇文字出現在許多網站。",
    "else_press": "有媒體在打聽消息：回覆的內容可能會見報。",
    "else_thread": "只是一場熱烈的討論：全部都在同一個討論串。",
    "else_news": "一則新聞或優惠被轉貼：列出的貼文有 {share}% 附連結。",
    "else_good": "新聞、特賣或上市：只有 {share}% 的人語氣負面。",
    "else_none": "數字看不出洗版、新聞或特賣的跡象；但貴公司最近的公告仍可能是原因。",
    "hour": "第一個小時",
    "hour_none": "處置手冊沒有這一項。先讀貼文，找出負責的人，不要急著回應。",
    "dont": "不要",
    "who": "誰",
    "by": "{time}以前",
    "clock": "從第一篇起算 {hours} 小時，到{time}為止。法定時限是否起算，由個資保護負責人判斷。",
    "answer": "回覆",
    "answer_thread": "在原討論串回覆一次，並表明公司身分",
    "answer_private": "只私下回覆",
    "answer_hold": "先不回：等事實查清",
    "answer_none": "不要回覆",
    "ack": "接手",
    "ack_text": "{command}",
    "ack_link": "上網接手",
    "ack_mail": "寄信接手",
    "chart": "每小時的發言人數：最多 {most}，在{time}起的一小時。",
    "chart_band": "灰色：平常 20 個小時有 19 個不超過 {band}。",
    "chart_none": "平常 20 個小時有 19 個沒有人提到。",
    "chart_raised": "虛線：發出警示的時刻。",
    "chart_deaf": "斜線：沒聽到的時段。",
    "acked": "{who}已於{time}接手。",
    "unwatched": "這個品牌已從設定中移除，不再有人看這則警示；移除時尚未平息。",
    "calm": "在聽得到的地方，已經平靜夠久了。",
    "report": "事情經過",
    "report_began": "開始",
    "report_raised": "警示",
    "report_acked": "接手",
    "report_nobody": "無人接手",
    "report_peak": "高峰",
    "report_peak_text": "同一時段{peak}",
    "report_peak_hour": "{time}起的一小時內{peak}",
    "report_voices": "人數",
    "report_in_all": "總共{total}",
    "report_told": "通知",
    "report_untold": "這封信之前沒有通知任何人",
    "report_answered": "回應",
    "report_unanswered": "在聽得到的範圍內，公司沒有在任何一個討論串發言",
    "answered_in": "{time}，{title}",
    "more": "另有 {n} 封",
    "report_closed": "結束",
    "reason_breadth": "{n} 個地方",
    "reason_pace_h": "{n} 小時內倍增",
    "reason_topic": "關於{n}",
    "reason_negative_share": "{n}% 負面",
    "reason_leaving": "{n} 人說要離開",
    "reason_copies": "{n}% 是複本",
    "reason_floor": "屬於單獨即警示的主題",
    "clock_label": "時限",
    "join": "、",
    "colon": "：",
    "comma": "，",
    "then": "；",
    "quotes": "「」",
    "seen": "以聽得到的來源為限。時間：{zone}。如何閱讀此信：docs/alerts.md。警示 {key}。",
}
WORDS: Mapping[Language, Mapping[str, str]] = {"en": _EN, "zh-Hant": _ZH}


def voices(count: int, language: Language) -> str:
    if language == "zh-Hant":
        return f" {count} 人"
    return f"{count} voice" if count == 1 else f"{count} voices"


def threads(count: int, language: Language) -> str:
    if language == "zh-Hant":
        return f"{count} 個討論串"
    return f"{count} thread" if count == 1 else f"{count} threads"


def span(hours: float, language: Language) -> str:
    """A length of time: minutes under two hours, days from four days on. "53 min", "2.3 h", "4 days"."""
    minutes, en = round(hours * 60), language == "en"
    if minutes < 120 and minutes != 60:
        return f"{minutes} min" if en else f" {minutes} 分鐘"
    if hours >= 96:
        return f"{hours / 24:.0f} days" if en else f" {hours / 24:.0f} 天"
    number = f"{hours:.1f}".removesuffix(".0")
    return f"{number} h" if en else f" {number} 小時"


def moment(at: datetime, language: Language) -> str:
    """A time in the zone it has: "Sat 21 Mar 20:41", 「3月21日（六）20:41」."""
    if language == "zh-Hant":
        return f"{at.month}月{at.day}日（{'一二三四五六日'[at.weekday()]}）{at:%H:%M}"
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[at.weekday()]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day} {at.day} {months[at.month - 1]} {at:%H:%M}"


def odds(score: float, language: Language) -> str:
    """10^score as people say it; a million is all that a model of habit can honestly claim."""
    if score >= 6:
        return "a million" if language == "en" else "一百萬"
    number = f"{round(10**score, -max(0, int(score))):,.0f}"
    return number if language == "en" else f" {number} "
