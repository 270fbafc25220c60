"""Words of captions, as each measure wants them: the tokens of BLEU, those of ROUGE, plain words, and stems."""

from __future__ import annotations

import html
import re
import string
import unicodedata

# All ASCII marks stand alone but those that may be inside a number or a word: ' , - .
_STANDS_ALONE = re.compile("([" + re.escape("".join(c for c in string.punctuation if c not in "',-.")) + " ])")
_MARK_AFTER_OTHER = re.compile(r"([^0-9])([.,])")
_MARK_BEFORE_OTHER = re.compile(r"([.,])([^0-9])")
_DASH_AFTER_DIGIT = re.compile(r"([0-9])(-)")
_ROUGE_WORD = re.compile("[a-z0-9]+")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def bleu_words(text: str, lowercase: bool = True) -> list[str]:
    """Tokens of mteval-v13a, which sacrebleu calls ``13a``.

    Source: M. Post, "A call for clarity in reporting BLEU scores", WMT 2018; NIST, mteval-v13a.pl, `NormalizeText`.
    """
    text = (text.lower() if lowercase else text).rstrip()
    text = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    # One after the other, as the script has it: &amp;lt; ends as <.
    for entity in ("&quot;", "&amp;", "&lt;", "&gt;"):
        text = text.replace(entity, html.unescape(entity))
    text = _STANDS_ALONE.sub(r" \1 ", f" {text} ")
    text = _MARK_AFTER_OTHER.sub(r"\1 \2 ", text)
    text = _MARK_BEFORE_OTHER.sub(r" \1 \2", text)
    return _DASH_AFTER_DIGIT.sub(r"\1 \2 ", text).split()


def rouge_words(text: str) -> list[str]:
    """Runs of the letters a to z and digits, in lower case: what the package rouge-score counts, without stemming.

    Letters beyond a to z part words, so the measure says little of languages that need them.
    """
    return _ROUGE_WORD.findall(text.lower())


def plain_words(text: str) -> list[str]:
    """Words of any script in lower case, without punctuation; hyphens and apostrophes inside a word stay."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def stem(word: str) -> str:
    """What is left of an English word without its endings: walks, walked and walking are one.

    Args:
        word: in lower case.

    Source: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980.
    """
    if len(word) <= 2:
        return word
    word = _plurals_and_past(word)
    for step in (_STEP_2, _STEP_3):
        for ending, instead in step:
            if word.endswith(ending):
                if _measure(word[: -len(ending)]) > 0:
                    word = word[: -len(ending)] + instead
                break
    return _final_e(_bare(word))


def _plurals_and_past(word: str) -> str:
    """Step 1 of the paper: -s, -ed, -ing, and -y after a vowel."""
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed"):
        if _measure(word[:-3]) > 0:
            word = word[:-1]
    else:
        for ending in ("ed", "ing"):
            if word.endswith(ending):
                if _has_vowel(word[: -len(ending)]):
                    word = _mended(word[: -len(ending)])
                break
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    return word


def _mended(rest: str) -> str:
    """What stood before -ed or -ing: hop(p), mak(e)."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if _ends_double(rest) and rest[-1] not in "lsz":
        return rest[:-1]
    return rest + "e" if _measure(rest) == 1 and _ends_cvc(rest) else rest


def _bare(word: str) -> str:
    """Step 4: endings that fall where enough is left."""
    for ending in _STEP_4:
        if word.endswith(ending):
            rest = word[: -len(ending)]
            fits = ending != "ion" or rest.endswith(("s", "t"))
            return rest if fits and _measure(rest) > 1 else word
    return word


def _final_e(word: str) -> str:
    """Step 5: a last e, and one of two l."""
    if word.endswith("e"):
        rest = word[:-1]
        if _measure(rest) > 1 or (_measure(rest) == 1 and not _ends_cvc(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word


def _kinds(word: str) -> str:
    """c for a consonant and v for a vowel; y is a vowel after a consonant."""
    kinds = ""
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and kinds.endswith("c"))
        kinds += "v" if vowel else "c"
    return kinds


def _measure(word: str) -> int:
    """How often consonants follow vowels: the paper's m."""
    return _kinds(word).count("vc")


def _has_vowel(word: str) -> bool:
    return "v" in _kinds(word)


def _ends_double(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _kinds(word)[-1] == "c"


def _ends_cvc(word: str) -> bool:
    return _kinds(word).endswith("cvc") and word[-1] not in "wxy"


# Longer endings first: the paper takes the longest that fits.
_STEP_2 = (
    ("ational", "ate"), ("ization", "ize"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("tional", "tion"), ("biliti", "ble"), ("entli", "ent"), ("ousli", "ous"), ("ation", "ate"), ("alism", "al"),
    ("aliti", "al"), ("iviti", "ive"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("abli", "able"),
    ("alli", "al"), ("ator", "ate"), ("eli", "e"),
)  # fmt: skip
_STEP_3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ness", ""), ("ful", ""),
)  # fmt: skip
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion",
    "al", "er", "ic", "ou",
)  # fmt: skip
