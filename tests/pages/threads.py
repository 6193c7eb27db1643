"""Two invented posts in the markup of each engine, cut down to what readers look at: the same talk everywhere.

Ann opens on 2 March 2026 at 20:14 UTC, 阿霞 quotes her and answers at 21:00.
"""

XENFORO2 = (
    '<article class="message message--post" data-author="{who}" data-content="post-{id}"><header'
    ' class="message-attribution"><ul class="message-attribution-main"><li><time class="u-dt" datetime="{iso}">x</time>'
    '</li></ul><ul class="message-attribution-opposite"><li><a href="/threads/x.7/post-{id}">share</a></li>'
    '<li><a href="/threads/x.7/post-{id}">#{n}</a></li></ul></header><div class="message-body"><div class="bbWrapper">'
    "{said}</div></div><aside class=message-signature>Signed</aside></article>"
)
POSTS = {
    "discourse": (
        '<div id="post_{n}" class="topic-body crawler-post"><span class="creator" itemprop="author">'
        '<a href="/u/{who}"><span itemprop="name">{who}</span></a></span>'
        '<time datetime="{iso}" class="post-time">x</time>'
        '<span itemprop="position">{n}</span><div class="post" itemprop="text">{said}</div></div>'
    ),
    "xenforo2": XENFORO2,
    "xenforo1": (
        '<li id="post-{id}" class="message" data-author="{who}"><div class="messageContent"><article><blockquote'
        ' class="messageText">{said}<div class="messageTextEndMarker">&nbsp;</div></blockquote></article></div>'
        '<div class="messageDetails"><a href="threads/x.7/#post-{id}" class="hashPermalink">#{n}</a>'
        '<a class="datePermalink"><abbr class="DateTime" data-time="{epoch}">x</abbr></a></div></li>'
    ),
    "vbulletin3": (
        '<table id="post{id}"><tr><td class="thead"><a name="post{id}"></a> {uk}</td><td class="thead">#<a href='
        '"showpost.php?p={id}" id="postcount{id}"><strong>{n}</strong></a></td></tr><tr><td class="alt2">'
        '<a class="bigusername" href="member.php?u=3">{who}</a><div>Join Date: 01-02-2011</div></td>'
        '<td id="td_post_{id}"><div id="post_message_{id}">{said}</div></td></tr></table>'
    ),
    "vbulletin4": (
        '<li class="postcontainer" id="post_{id}"><span class="postdate"><span class="date">03-02-2026,&nbsp;'
        '<span class="time">{ampm}</span></span></span><a href="showthread.php?p={id}#post{id}" class="postcounter">'
        '#{n}</a><div class="username_container"><a class="username" href="member.php?u=3"><strong>{who}</strong></a>'
        '</div><div id="post_message_{id}"><blockquote class="postcontent">{said}</blockquote></div>'
        '<blockquote class="signature">Signed</blockquote></li>'
    ),
    "vbulletin5": (
        '<li class="b-post" data-node-id="{id}"><div class="author"><strong>'
        '<a href="/member/3">{who}</a></strong></div>'
        '<a class="b-post__count" href="/forum/x/7?p={id}#post{id}">#{n}</a><div class="b-post__timestamp">'
        '<time datetime="{iso}">x</time></div><div itemprop="text">{said}</div></li>'
    ),
    "smf2": (
        '<div class="windowbg" id="msg{id}"><div class="post_wrapper"><div class="poster"><h4>'
        '<a href="?action=profile">'
        '{who}</a></h4></div><div class="postarea"><div class="keyinfo"><div class="subject_title">'
        '<a href="index.php?msg={id}">Re: Talk</a></div><div class="postinfo">'
        '<a class="smalltext">{long}</a></div></div>'
        '<div class="post"><div class="inner" id="msg_{id}">{said}</div></div><div class="signature">Signed</div>'
        "</div></div></div>"
    ),
    "mybb": (
        '<div class="post" id="post_{id}"><div class="author_information"><strong><span class="largetext">'
        '<a href="user-3.html">{who}</a></span></strong></div><div class="post_head"><strong>'
        '<a href="thread-7-post-{id}.html#pid{id}">#{n}</a></strong><span class="post_date">{day}, {ampm}'
        '<span class="post_edit">(last modified: 2026-03-09, 01:00 AM)</span></span></div>'
        '<div class="post_body" id="pid_{id}">{said}</div></div>'
    ),
    "invision4": (
        '<article id="elComment_{id}" class="ipsComment"><h3 class="cAuthorPane_author">'
        '<a href="/profile/3">{who}</a></h3>'
        '<a href="/topic/7-x/#findComment-{id}"><time datetime="{iso}">x</time></a>'
        '<div data-role="commentContent">{said}</div><div data-role="memberSignature">Signed</div></article>'
    ),
    "fluxbb": (
        '<div id="p{id}" class="blockpost"><h2><span class="conr">#{n}</span> <a href="viewtopic.php?pid={id}#p{id}">'
        '{day} {clock}:00</a></h2><div class="postleft"><dl><dt><strong>{who}</strong></dt>'
        '<dd>Registered: 2016-07-02</dd></dl></div><div class="postright"><div class="postmsg">{said}</div>'
        '<div class="postsignature">Signed</div></div></div>'
    ),
    "nodebb": (
        '<li component="post" data-pid="{id}" data-username="{who}"><meta itemprop="datePublished" content="{iso}">'
        '<div component="post/content">{said}</div></li>'
    ),
    "vanilla": (
        '<li class="Item ItemComment" id="Comment_{id}"><a class="Username" href="/profile/3">{who}</a>'
        '<span class="DateCreated"><a class="Permalink" href="/discussion/comment/{id}/#Comment_{id}">'
        '<time datetime="{iso}">x</time></a></span><div class="Message">{said}</div></li>'
    ),
    "bbpress": (
        '<div id="post-{id}" class="bbp-reply-header"><span class="bbp-reply-post-date">{long}</span>'
        '<a href="/topic/x/#post-{id}" class="bbp-reply-permalink">#{id}</a></div><div class="reply type-reply">'
        '<a class="bbp-author-name" href="/users/3">{who}</a><div class="bbp-reply-content">{said}</div></div>'
    ),
    "wpforo": (
        '<div class="post-wrap" id="post-{id}"><div class="author-name"><a href="/p/3">{who}</a></div>'
        '<div class="wpforo-post-content">{said}</div><div class="cbleft">Posted : {day} {clock}</div></div>'
    ),
    "woltlab": (
        '<article class="wbbPost" data-object-id="{id}"><div class="messageAuthor"><a class="username">{who}</a></div>'
        '<a class="messagePublicationTime" href="/thread/7/?postID={id}#post{id}">'
        '<woltlab-core-date-time date="{iso}">x'
        '</woltlab-core-date-time></a><div class="messageText">{said}</div></article>'
    ),
    "stackexchange": (
        '<div class="answer js-answer" data-answerid="{id}"><div class="js-post-body">{said}</div>'
        '<div class="post-signature"><span class="relativetime" title="{day} {clock}:00Z">x</span>'
        '<div class="user-details"><a href="/users/3">{who}</a></div></div></div>'
    ),
    "reddit-old": (
        '<div class="thing comment" data-fullname="t1_{id}" data-author="{who}">'
        '<div class="entry"><p class="tagline"><a class="author" href="/user/{who}">{who}</a>'
        '<time datetime="{iso}">x</time></p><div class="usertext-body"><div class="md">{said}</div></div>'
        '<a class="bylink" href="/r/x/comments/7/y/{id}/">permalink</a></div></div>'
    ),
    "lemmy": (
        '<article id="comment-{id}" class="comment-node"><a class="person-listing" href="/u/{who}">{who}</a>'
        '<span class="moment-time" data-tippy-content="March 2nd, 2026 at {clock}">x</span>'
        '<div class="comment-content"><div class="md-div">{said}</div></div></article>'
    ),
    "lobsters": (
        '<div class="comment" data-shortid="{id}"><div class="byline"><a class="u-author" href="/~{who}">{who}</a>'
        '<time title="{day} {clock}:00 +0000">x</time><a href="/c/{id}">link</a></div>'
        '<div class="comment_text">{said}</div></div>'
    ),
    "hackernews": (
        '<tr class="athing comtr" id="{id}"><td><a class="hnuser" href="user?id={who}">{who}</a>'
        '<span class="age" title="{day}T{clock}:00 {epoch}"><a href="item?id={id}">x</a></span>'
        '<div class="commtext">{said}<div class="reply">reply</div></div></td></tr>'
    ),
    "mobile01": (
        '<div class="l-articlePage" data-id="{id}"><div class="c-authorInfo__id"><a href="/u/3">{who}</a></div>'
        '<div class="l-articlePage__publish"><span class="o-fNotes">{day} {clock}</span><article>{said}</article>'
        "</div></div>"
    ),
    "phpbb": (
        '<div id="p{id}" class="post"><div class="inner"><p class="author">by <strong><a class="username">{who}</a>'
        '</strong> &raquo; {long}</p><div class="content">{said}</div></div></div>'
    ),
}
AROUND = {
    "discourse": '<html><head><meta name="generator" content="Discourse 3.5.0"></head><body>{}</body></html>',
    "xenforo2": '<html id="XF"><body>{}</body></html>',
    "xenforo1": '<html id="XenForo"><body><ol>{}</ol></body></html>',
    "vbulletin5": '<html><body class="vb-page"><ul>{}</ul></body></html>',
    "bbpress": '<html><body class="bbpress"><div id="bbpress-forums">{}</div></body></html>',
    "wpforo": '<html><body><div id="wpforo-wrap">{}</div></body></html>',
    "reddit-old": '<html><body class="comments-page"><div class="commentarea">{}</div></body></html>',
    "lemmy": '<html><body><div id="app" class="lemmy-site">{}</div></body></html>',
    "lobsters": '<html><body><ol><li class="comments_subtree">{}</li></ol></body></html>',
    "hackernews": '<html><head><title>Talk</title></head><body><table id="hnmain">{}</table></body></html>',
    "phpbb": '<html><body id="phpbb"><h2 class="topic-title">Talk</h2>{}</body></html>',
}
QUOTE = {
    "discourse": '<aside class="quote" data-username="Ann"><blockquote>It broke.</blockquote></aside>',
    "xenforo2": '<blockquote data-quote="Ann"><div class="bbCodeBlock-title">Ann said:</div>It broke.</blockquote>',
    "xenforo1": (
        '<div class="bbCodeQuote"><aside><div class="attribution">Ann said: ↑</div><blockquote>It broke.</blockquote>'
        "</aside></div>"
    ),
    "vbulletin3": (
        '<div><div class="smallfont">Quote:</div><table><tr><td class="alt2"><div><strong>Ann</strong></div>'
        "<div>It broke.</div></td></tr></table></div>"
    ),
    "vbulletin4": (
        '<div class="bbcode_quote"><div class="bbcode_postedby">Originally Posted by <strong>Ann</strong></div>'
        '<div class="message">It broke.</div></div>'
    ),
    "smf2": "<blockquote><cite>Quote from: Ann on March 02, 2026, 08:14:00 PM</cite>It broke.</blockquote>",
    "mybb": "<blockquote><cite><span>(2026-03-02, 08:14 PM)</span>Ann Wrote:</cite>It broke.</blockquote>",
    "invision4": (
        '<blockquote data-ipsquote-username="Ann"><div class="ipsQuote_citation">now, Ann said:'
        "</div>It broke.</blockquote>"
    ),
    "fluxbb": '<div class="quotebox"><cite>Ann wrote:</cite><blockquote>It broke.</blockquote></div>',
    "nodebb": "<p>@Ann said in Talk:</p><blockquote>It broke.</blockquote>",
    "vanilla": '<blockquote class="UserQuote"><div class="QuoteAuthor">Ann said:</div>It broke.</blockquote>',
}
QUOTE["vbulletin5"] = QUOTE["vbulletin4"]


def thread(engine: str) -> str:
    """The page of that engine."""
    quote = QUOTE.get(engine, "<blockquote><cite>Ann</cite>It broke.</blockquote>")
    ann = {"id": "501", "n": 1, "who": "Ann", "clock": "20:14", "ampm": "08:14 PM", "epoch": "1772482440"}
    xia = {"id": "502", "n": 2, "who": "阿霞", "clock": "21:00", "ampm": "09:00 PM", "epoch": "1772485200"}
    blocks = ""
    for post, said in ((ann, "It broke <b>again</b>."), (xia, f"{quote}Mine too.<br>Twice.")):
        dates = {
            "day": "2026-03-02",
            "iso": f"2026-03-02T{post['clock']}:00Z",
            "uk": f"2nd March 2026, {post['clock']}",
            "long": f"March 2, 2026 at {post['ampm']}",
        }
        blocks += POSTS[engine].format(**post, **dates, said=said)
    return AROUND.get(engine, "<html><body>{}</body></html>").format(f"<h1>Talk</h1>{blocks}")


PTT = """<html><body><div id="main-content"><div class="article-metaline"><span class="article-meta-tag">作者</span>
<span class="article-meta-value">Ann (安)</span></div><div class="article-metaline"><span class="article-meta-tag">標題
</span><span class="article-meta-value">[問題] 電池</span></div><div class="article-metaline">
<span class="article-meta-tag">時間</span><span class="article-meta-value">Wed Dec 31 23:14:09 2025</span></div>
螢幕又壞了
: 引述的話
--
簽名檔
<span class="f2">※ 發信站: 批踢踢實業坊(ptt.cc)</span>
<div class="push"><span class="push-tag">推 </span><span class="push-userid">xia</span>
<span class="push-content">: 我也是
</span><span class="push-ipdatetime"> 12/31 23:50</span></div>
<div class="push"><span class="push-tag">噓 </span><span class="push-userid">bo</span>
<span class="push-content">: 才不會
</span><span class="push-ipdatetime"> 01/01 00:05</span></div></div></body></html>"""

FLARUM = """<html><body><noscript id="flarum-content"><h1>Talk</h1></noscript><script id="flarum-json-payload"
type="application/json">{"apiDocument":{"data":{"type":"discussions","id":"7","attributes":{"title":"Talk"}},
"included":[{"type":"users","id":"3","attributes":{"username":"ann","displayName":"Ann"}},
{"type":"posts","id":"502",
"attributes":{"number":2,"createdAt":"2026-03-02T21:00:00+00:00","contentHtml":"<p>Mine.</p>"}},
{"type":"posts","id":"501","attributes":{"number":1,"createdAt":"2026-03-02T20:14:00+00:00",
"contentHtml":"<p>It broke.</p>"},
"relationships":{"user":{"data":{"type":"users","id":"3"}}}}]}}</script></body></html>"""
