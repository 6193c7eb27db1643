"""The words of dates in the languages that forums are written in: months, weekdays, units of time, today, ago.

English, German, Dutch, French, Spanish, Portuguese, Italian, Polish, Russian, Swedish and Danish, Turkish, Chinese,
Japanese, Korean; told apart by how the words begin, so that declined forms are met too. What two languages use for
different things (Czech "červen" and "červenec", six and seven) is left out.
"""

MONTHS = {
    name: number
    for number, names in enumerate(
        "jan ene gen sty янв oca|feb fév fev lut фев şub|mar mär maa mrz mrt мар|apr avr abr kwi апр nis"
        "|may mai mei mag maj мая май|jun juin giu cze июн haz|jul juil lug lip июл tem|aug aoû aou ago sie авг ağu"
        "|sep set wrz сен eyl|oct okt out ott paź окт eki|nov lis ноя kas|dec dez déc dic gru дек ara".split("|"),
        1,
    )
    for name in names.split()
}

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        "monday montag lundi lunes lunedì maandag segunda poniedziałek понедельник"
        "|tuesday dienstag mardi martes martedì dinsdag terça wtorek вторник"
        "|wednesday mittwoch mercredi miércoles mercoledì woensdag quarta środa среда"
        "|thursday donnerstag jeudi jueves giovedì donderdag quinta czwartek четверг"
        "|friday freitag vendredi viernes venerdì vrijdag sexta piątek пятница"
        "|saturday samstag samedi sábado sabato zaterdag sobota суббота"
        "|sunday sonntag dimanche domingo domenica zondag niedziela воскресенье".split("|")
    )
    for name in names.split()
}

DAYS_BACK = {
    name: number
    for number, names in enumerate(
        "today|heute|vandaag|aujourd'hui|aujourd’hui|hoy|hoje|oggi|dzisiaj|dziś|сегодня|idag|i dag|bugün|今天|今日"
        "|오늘;"
        "yesterday|gestern|gisteren|hier|ayer|ontem|ieri|wczoraj|вчера|igår|i går|dün|昨天|昨日|어제;"
        "vorgestern|eergisteren|avant-hier|anteayer|anteontem|przedwczoraj|позавчера|前天|一昨日|おととい|그저께".split(
            ";"
        )
    )
    for name in names.split("|")
}

_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86400
_WEEK, _MONTH, _YEAR = 604800, 2629800, 31557600  # a month is the twelfth of a year of 365.25 days
UNITS = {
    name: seconds
    for seconds, names in (
        (_SECOND, "sec sek seg sn saniye сек 秒 초"),
        (_MINUTE, "min мин dakika dk 分 분"),
        (_HOUR, "hour hr stunde std heure hora ora ore uur uren godz час timm saat 小時 小时 時間 시간"),
        (_DAY, "day tag jour día dia giorn dag dni dzie день дня дней gün 天 日 일"),
        (_WEEK, "week woche semaine semana settiman weken tydz tygod недел veck uge hafta 週 周 星期 주"),
        (_MONTH, "month monat mois mes maand miesi месяц månad måned 個月 个月 か月 ヶ月 カ月 개월"),
        (_YEAR, "year jahr ans année año ano anni anno jaar rok lat год лет år yıl 年 년"),
    )
    for name in names.split()
}
SHORT_UNITS = {"s": 1, "m": 60, "h": 3600, "d": _DAY, "w": _WEEK, "mo": _MONTH, "y": _YEAR}
ONE = "half half an|半|an?|one|ein(?:er?|em|en)?|een|une?|una?|uma?|ett?|en|jedn\\w+|bir"
BEFORE_SPAN = "vor|il y a|hace|há|för|for"
AFTER_SPAN = "ago|atrás|fa|geleden|temu|назад|sedan|siden|önce|之?前|전"
JUST_NOW = (
    "just now|moments? ago|gerade eben|soeben|à l['’]instant|ahora mismo|agora mesmo|adesso|zojuist|przed chwilą"
    "|только что|剛剛|刚刚|剛才|刚才|たった今|방금"
)
FORENOON = "上午|凌晨|早上|午前|오전"
AFTERNOON = "下午|晚上|中午|午後|오후"
