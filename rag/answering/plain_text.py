"""What an LLM wrote, as text and nothing else: no link, no image, no HTML, nothing that a client might fetch.

The LLM is taken to be in somebody else's hands: text out of a library may have told it what to write. Whoever shows
an answer may render it as markdown, as chat clients do, and a picture in markdown is a request to a server with
whatever its address carries. So addresses go, brackets that would make links are set apart, and names of hosts are
written so that nothing makes a link of them. Citations, emphasis, lists and code stay.

Text passes through once it is known what it becomes: whole words, as they end. Clean text passes unchanged, and
cleaning twice changes nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote

REMOVED = "(link removed)"
"""What stands where an address was."""

LONGEST_WORD = 2_000
"""Characters that are held for one word. No word is that long; a space goes into what is."""

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters that show nothing: they hide a text, or split what a filter looks for."""

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u2e80-\u3163\u3165-\ua4cf\uac00-\ud7af\uf900-\ufaff"
"""Scripts without spaces between words: each character passes at once."""

WORD = rf"[^\s{UNSPACED}]+"
PARTS = re.compile(rf"\s+|[{UNSPACED}]+|{WORD}")
ENDS_A_WORD = re.compile(rf"[\s{UNSPACED}]")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
HIDDEN = re.compile(rf"[{INVISIBLE}]+")
SHAPES_EMOJI = re.compile(r"[\u200c\u200d\ufe0f]")
"""Joiners and the emoji form: Persian, Indic scripts and emoji need them between their own characters."""

FILM_OR_PICTURE = frozenset({"mov"})
"""Endings of files that are endings of hosts too, and that names in an image library have."""

GENERIC = (
    "com net org edu gov mil int info biz name pro aero asia cat coop jobs mobi museum post tel travel xxx arpa onion"
    " app dev page web site online shop store blog cloud tech xyz top club live news media photo photos pics gallery"
    " art design link click zip mov work world today space fun icu vip win bid loan men stream download review trade"
    " science party date faith racing accountant cricket email digital agency studio systems solutions services host"
    " website network group company center support help tools team social chat video games game test example invalid"
    " local localhost internal lan home corp рф"
)
COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd"
    " cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge"
    " gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh"
    " ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw"
    " mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb"
    " sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk"
    " us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
ENDINGS = "|".join(sorted((GENERIC + " " + COUNTRIES).split(), key=len, reverse=True))
CHAIN = r"(?<![\w-])(?<![\w-]\.)(?:[\w-]++\.)+"
"""Labels of a host, from the first on. It begins in one place and gives nothing back, or long words cost minutes."""

HOST = rf"{CHAIN}(?:{ENDINGS}|xn--[a-z0-9-]++)(?![^\W_]|-)"
BODY = r"[^\s<>\"'`)\]}|]*+"
"""The rest of an address; what follows one of these signs is looked at anew."""

ADDRESS = re.compile(
    rf"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*+)?:(?://++[^\s/]|(?:\\++|/)[\w\[@%]){BODY}"  # scheme://host
    rf"|(?<![\w:/])//++[^\s/]{BODY}"  # //host
    r"|(?<![a-z0-9])(?:https?|ftps?|sftp|wss?|javascript|vbscript|livescript|data|file|blob|filesystem|about|jar"
    rf"|mailto|tel|sms|callto|skype|xmpp|magnet|intent|view-source|chrome|cid|mid):++[^\s:]{BODY}"
    rf"|(?<![a-z0-9])www\d{{0,3}}\.{BODY}"
    rf"|(?:{HOST}|{CHAIN}[^\W\d_]{{2,}}+)\.?(?::\d++)?[/?#\\]++[\w%=&~@.-]{BODY}"  # host/path
    rf"|{HOST}:\d++"
    rf"|(?<![\w.])(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\[[0-9a-f.]{{0,4}}:[0-9a-f:.]{{0,45}}\]|localhost)(?::\d++)?/{BODY}"
    r"|(?<![\w.])(?:\d{1,3}(?:\.\d{1,3}){3}|localhost):\d{1,5}(?!\d)"
    r"|(?<![\w.+-])[\w.+-]*+@++(?:\d{1,3}(?:\.\d{1,3}){3}|localhost)\b",
    re.IGNORECASE,
)
BARE_HOST = re.compile(HOST, re.IGNORECASE)
REST_OF_HOST = re.compile(rf"\.(?:[\w-]++\.)*(?!mov\b)(?:{ENDINGS}|xn--[a-z0-9-]++)(?![^\W_]|-)", re.IGNORECASE)
"""Behind a name in a script without spaces, which has passed already."""

ODD_HOST = re.compile(rf"(?<=[^\s\w.])\.(?=(?:[\w-]++\.)*(?:{ENDINGS})(?![^\W_]|-))", re.IGNORECASE)
"""Behind a sign that no host has: some clients make links of that too."""

CITATION = re.compile(r"\[\d{1,6}\]")
TRAILING = ".,;:!?…*_"
REMOVED_TARGET = re.compile(rf"\]\({re.escape(REMOVED)}\)?")
LINK_TARGET = re.compile(r"\]\((?:[/.#?&\\%]|\Z)[^\s)]*\)?")
DEFINED = re.compile(r"(\[\d{1,6}\]):|\]:")
SEPARATORS = frozenset("0123456789,;")
CITED_END = re.compile(r"(?<=\d\])\.(?=\w)")
LINE_START = re.compile(r"[\s>*+\-\d.)]*")
LESS_THAN = re.compile(r"<(?![\d=])|&(?:lt|LT|#0*60|#[xX]0*3[cC]);?")


class PlainText:
    """A filter for text that comes in pieces. It belongs last, after citations are checked.

    It also holds when citations are removed afterwards: an address that only a citation splits is one.
    """

    def __init__(self) -> None:
        self._held = ""
        self._line = ""
        self.removed = 0
        """Addresses that were removed or made harmless."""

    def feed(self, piece: str) -> str:
        """What of the text so far is known to be harmless; the rest comes with the next piece, or with `close`."""
        text = self._held + piece
        end = next((at for at in range(len(text), 0, -1) if ENDS_A_WORD.match(text[at - 1])), 0)
        self._held = text[end:]
        passed = self._clean(text[:end])
        if len(self._held) > LONGEST_WORD:
            passed += self.close() + " "
        return passed

    def close(self) -> str:
        """The rest."""
        rest, self._held = self._held, ""
        return self._clean(rest)

    def _clean(self, text: str) -> str:
        passed = []
        for part in PARTS.findall(text):
            clean = self._clean_part(part)
            passed.append(clean)
            self._line = (self._line + clean).rpartition("\n")[2][-400:]
        return "".join(passed)

    def _clean_part(self, part: str) -> str:
        if part.isspace():
            return CONTROLS.sub(_blank, part)
        if (visible := _without_hidden(CONTROLS.sub(" ", part))).isalnum():
            return visible
        if self._line[-1:].isalnum() and REST_OF_HOST.match(visible):
            self.removed += 1
            visible = f"[.]{visible[1:]}"
        clean = self._defanged(visible)
        if _still_unsafe(clean):
            self.removed += 1
            clean = REMOVED + "".join(CITATION.findall(visible))
        return clean

    def _defanged(self, word: str) -> str:
        word = ADDRESS.sub(self._address, CITED_END.sub(". ", word))
        word = REMOVED_TARGET.sub(f"] {REMOVED}", word)
        word, targets = LINK_TARGET.subn(f"] {REMOVED}", word)
        self.removed += targets
        word = LESS_THAN.sub("‹", word.replace("](", "] (").replace("![", "! ["))
        return self._undefined(ODD_HOST.sub("[.]", BARE_HOST.sub(self._bare_host, word)))

    def _address(self, match: re.Match[str]) -> str:
        self.removed += 1
        return REMOVED + match[0][len(match[0].rstrip(TRAILING)) :]

    def _bare_host(self, match: re.Match[str]) -> str:
        if _is_file(match[0]):
            return match[0]
        self.removed += 1
        return match[0].replace(".", "[.]")

    def _undefined(self, word: str) -> str:
        """`[name]: target` defines a link. A citation with a colon stays, but at the start of a line."""

        def rewrite(match: re.Match[str]) -> str:
            starts = match.start() == 0 and LINE_START.fullmatch(self._line)
            follows = word[: match.start()].endswith("]")
            return match[0] if match[1] and not starts and not follows else f"{match[1] or ']'} –"

        return DEFINED.sub(rewrite, word)


def _still_unsafe(word: str) -> bool:
    """Whether an address shows once the word is read as a client might: escapes, entities, full-width letters."""
    bare = HIDDEN.sub("", CITATION.sub("", word.replace(REMOVED, " ")))
    read = unicodedata.normalize("NFKC", html.unescape(unquote(bare)).replace("\\", ""))
    if ADDRESS.search(read) or LESS_THAN.search(read):
        return True
    return any(not _is_file(match[0]) for match in BARE_HOST.finditer(read))


def _is_file(host: str) -> bool:
    name, _, ending = host.rpartition(".")
    return "." not in name and ending.lower() in FILM_OR_PICTURE


def plain_text(text: str) -> str:
    """A whole text, cleaned; see `PlainText`."""
    clean = PlainText()
    return clean.feed(text) + clean.close()


def _blank(match: re.Match[str]) -> str:
    return "\n" if match[0] in "\u2028\u2029" else " "


def _without_hidden(word: str) -> str:
    """Hidden characters go. Something shows where they were inside a bracket: no citation forms that was not there."""

    def instead(match: re.Match[str]) -> str:
        before, after = word[match.start() - 1 : match.start()], word[match.end() : match.end() + 1]
        if SHAPES_EMOJI.fullmatch(match[0]) and before > "\x7f" and (match[0] == "\ufe0f" or after > "\x7f"):
            return match[0]
        if before == "[" or after == "]" or (before in SEPARATORS and after in SEPARATORS):
            return "\ufffd"
        return " " if before in "]!<" and after in "[(!<" else ""

    return HIDDEN.sub(instead, word)
