"""Text of an LLM is text: nothing in it links, shows, runs or is fetched, however it comes in pieces."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.answering.citations import check_citations
from rag.answering.plain_text import LONGEST_WORD, PlainText, plain_text

ORDINARY = [
    "",
    "A red car stands on the beach [1]. It was sold [2][3].",
    "Two files, IMG_2041.jpg and clip.mov, e.g. of 3.5 MB; at 12:30, 16:9, and/or later…",
    "**Bold**, _slanted_, `code` and\n- a list [1]\n- of two [2]\n\n1. one",
    "If 3 > 2 and 1<2, version 1.2.3.4 of the U.S. map; is it beach.jpg?",
    "海滩上有一辆红色的汽车[1]。日本語の説明[2]、それだけ。",
    "ชายหาดสีแดง [1] מכונית אדומה [2] سيارة حمراء [3]",
    "می‌خواهم ❤️ 👨‍👩‍👧 naïve Ünïcödé [1]",
    "Picture [1]: a car. [see the note] says so (really).",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_and_citations_stay_as_they_are(text: str) -> None:
    assert plain_text(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("See [this](http://evil.com/x?d=1) now [1].", "See [this] (link removed) now [1]."),
        ("![a](https://evil.com/a.png)", "! [a] (link removed)"),
        ("![a](/v1/sign-out)", "! [a] (link removed)"),
        ("<img src=x onerror=alert(1)>", "‹img src=x onerror=alert(1)>"),
        ("<https://evil.com/a>", "‹(link removed)>"),
        ("Read https://evil.com/a, or (http://evil.com).", "Read (link removed), or ((link removed))."),
        ("[ref]: http://evil.com", "[ref] – (link removed)"),
        ("[1]: /a", "[1] – /a"),
        ("go to www.evil.com!", "go to (link removed)!"),
        ("go to evil.com now", "go to evil[.]com now"),
        ("evil.com/?q=secret", "(link removed)"),
        ("evil.unheard/path", "(link removed)"),
        ("write to joe@evil.com", "write to joe@evil[.]com"),
        ("mailto:joe@evil.com", "(link removed)"),
        ("data:text/html;base64,AAAA", "(link removed)"),
        ("javascript:alert(1)", "(link removed))"),
        ("http://127.0.0.1:8000/x and 127.0.0.1:8000", "(link removed) and (link removed)"),
        ("//evil.test/x", "(link removed)"),
        ("ht\u200btp://e\u200bvil.com/x", "(link removed)"),
        ("evil\u00ad.com/x", "(link removed)"),
        ("&#104;ttps&colon;&sol;&sol;evil&period;com", "(link removed)"),
        ("ｈｔｔｐ：／／ｅｖｉｌ．ｃｏｍ", "(link removed)"),
        ("evil%2Ecom", "(link removed)"),
        ("详情请看http://evil.com/x，图片[1]。", "详情请看(link removed)图片[1]。"),
        ("看看红.com和写真.jpg", "看看红[.]com和写真.jpg"),
        ("<|im_start|>system", "‹|im_start|>system"),
        ("\x1b[31mred\x00", " [31mred "),
        ("hid\U000e0068\U000e0069den", "hidden"),
    ],
)
def test_what_would_link_show_or_run_does_not(text: str, clean: str) -> None:
    assert plain_text(text) == clean


@pytest.mark.parametrize("text", ["ht[99]tp://evil.com/x", "evil.[99]com", "evil[99].com/x", "w[99]ww.evil.com"])
def test_an_address_that_a_false_citation_splits_is_none_once_the_citation_is_removed(text: str) -> None:
    assert not links(check_citations(plain_text(text), {1}).text)


@pytest.mark.parametrize("text", ["[\u200b7]", "[7\u200b]", "[1\u200d7]", "[\u00ad7]", "[\u20607\U000e0001]"])
def test_hidden_characters_do_not_become_a_citation(text: str) -> None:
    assert check_citations(plain_text(text), {7, 17}).citations == ()


def test_how_much_was_removed_is_counted() -> None:
    clean = PlainText()
    clean.feed("http://evil.com/a and evil.com and [x](/y) ")
    assert clean.removed == 3


def test_words_pass_as_soon_as_they_end_and_scripts_without_spaces_at_once() -> None:
    clean = PlainText()
    assert clean.feed("A red ") == "A red "
    assert clean.feed("ca") == ""
    assert clean.feed("r [1") == "car "
    assert clean.feed("] stands") == "[1] "
    assert clean.close() == "stands"
    assert PlainText().feed("红色的汽车") == "红色的汽车"


def test_a_word_without_an_end_is_not_held_for_ever_and_does_not_slip_through_in_two() -> None:
    clean = PlainText()
    passed = "".join(clean.feed(letter) for letter in "x" * (LONGEST_WORD - 3) + "evil.com/secret")
    passed += clean.close()
    assert len(passed) > LONGEST_WORD
    assert not links(passed)


SIGNS = r": / // \ . [ ] ( ) ! < > @ # ? = & | * _ - + ~ ` ' ." + ' " [1] [99] [r] [r]: &lt; &#46; %2e'
NAMES = "http https javascript: data: www www. a evil com evil.com img script href src= 127.0.0.1 :8000 localhost 7 .."
OTHERS = (
    " ",
    "\n",
    "\t",
    "红",
    "。",
    "．",
    "：",
    "／",
    "ｗ",
    "é",
    "\u200b",
    "\u00ad",
    "\ufe0f",
    "\U000e0041",
    "\u202e",
)
PIECES = (*SIGNS.split(), *NAMES.split(), *OTHERS, "\x00", "\x1c")
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(HOSTILE)
@example("红.com")
@example("_evil.com_")
@example("//=127.0.0.1")
@example("src=.com")
@example("[a]:\n/x [a]")
@example("![99][a](http://evil.com)")
@example("<[99]img src=x>")
def test_a_renderer_of_markdown_makes_nothing_of_it_that_leaves_the_page(text: str) -> None:
    clean = plain_text(text)
    for shown in (clean, check_citations(clean, {1}).text):
        assert not links(shown), shown


@settings(max_examples=300, deadline=None)
@given(HOSTILE | st.text(), st.integers())
@example(":\x1c\x1c", 1)
def test_how_it_is_cut_into_pieces_makes_no_difference(text: str, seed: int) -> None:
    rng, clean, passed, at = random.Random(seed), PlainText(), "", 0
    while at < len(text):
        end = at + rng.randint(1, 6)
        passed += clean.feed(text[at:end])
        at = end
    assert passed + clean.close() == plain_text(text)


@settings(max_examples=300, deadline=None)
@given(HOSTILE | st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert plain_text(plain_text(text)) == plain_text(text)


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_no_citation_appears_that_the_text_did_not_have(text: str) -> None:
    known = set(range(1000))
    assert set(check_citations(plain_text(text), known).citations) <= set(check_citations(text, known).citations)


def links(text: str) -> list[str]:
    """Where a client that renders markdown, with HTML and with addresses made links, could be led or could fetch."""
    return list(_targets(MarkdownIt("gfm-like", {"html": True, "linkify": True}).parse(text)))


def _targets(tokens: list[Token]) -> list[str]:
    found = []
    for token in tokens:
        if token.type in {"html_inline", "html_block"}:
            found.append(token.content)
        if token.type == "image":
            found.append(str(token.attrGet("src")))
        target = str(token.attrGet("href") or "")
        if token.type == "link_open" and ("//" in target or ":" in target):
            found.append(target)
        found += _targets(token.children or [])
    return found


@pytest.mark.parametrize(
    "part", ["a", "a.", "a-", "[", "[]", "1.", "&#", ":/", "a@", "a\u200b", "[1]", "www.", ".", "com."]
)
def test_a_word_of_any_length_and_any_signs_comes_to_an_end(part: str) -> None:
    """One that takes time by the square or worse, does not: 200,000 signs then take hours."""
    assert not links(plain_text(part * (200_000 // len(part))))
