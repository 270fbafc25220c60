"""The same thing said in other words: a program's sentences turned into the styles in which people caption motion.

Programs say what is true of a clip, in the third person ("a person walks slowly"). From that come phrases as labels are made
of ("walking slowly"), what is going on ("someone is walking slowly") and other subjects ("the person walks slowly").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

LEAST = 5  # sentences of a clip beside its label, where its own can be turned into so many
MOST_OTHERS = 4  # made of the program's own
SUBJECTS = ("a person", "someone", "the person", "somebody")
# Verbs that follow another in the programs' sentences; as a noun a word stays what it is.
_VERBS = """
alternates balances bends bites bounces brings catches changes circles claps cleans clicks climbs closes coasts
comes curls cuts cycles does draws dribbles drinks drives drops eats falls favours flings folds gestures gets gives
goes hangs hits holds hops jumps keeps kicks knocks lands leans leaps leaves lets lies lifts lights looks lowers
makes moves nods opens passes pedals picks plays points pours presses pulls punches pushes puts raises reaches reads
rests returns rises rolls rotates rubs runs scrolls serves shakes shoots shuts sits skips slides slips smashes
smokes spikes splashes spreads squats stands starts stays steers steps stirs stoops stops stretches strikes sweeps
swings switches takes talks taps texts throws ties tosses touches trips turns twists types uses waits walks washes
watches waves wipes works writes
"""
FOLLOWING = frozenset(_VERBS.split())
BEGINS = rf"(?:{'|'.join(sorted(FOLLOWING))})\b"
ACTOR = re.compile(
    r"(?P<subject>a person|someone|somebody|an? (?P<kind>\w+) person) "
    r"(?:(?P<posture>(?:sitting|standing|walking|lying)\b.*?) (?=FOLLOWING))?(?P<rest>.+)".replace("FOLLOWING", BEGINS)
)
# Where another verb of the same subject may begin.
JOINT = re.compile(r"(?P<joint>,? and then |,? and now and then |,? and |, then |, )(?P<word>[a-z]+)")
BEGINNING = re.compile(r"([a-z-]+)(,?) ?(.*)")
IRREGULAR = {
    "is": "being",
    "has": "having",
    "lies": "lying",
    "ties": "tying",
    "pedals": "pedalling",
    "travels": "travelling",
}
NO_DOUBLING = frozenset("wxy")  # row, box, play


def captions(label: str, said: Iterable[str], rng: np.random.Generator) -> tuple[str, ...]:
    """What a clip is called, what its program says of it, and some of that in other words.

    Args:
        label: comes first.
        said: the program's sentences; follow as they are.
        rng: chooses whose words are changed and how.
    """
    own = list(dict.fromkeys((label, *said)))
    others = []
    for sentence in own[1:]:
        others += [other for other in in_other_words(sentence) if other not in own]
    others = list(dict.fromkeys(others))
    # One of every style for every sentence can be had; a clip gets a few, and the next clip gets others.
    wanted = min(MOST_OTHERS, max(2, LEAST - (len(own) - 1)), len(others))
    chosen = rng.permutation(len(others))[:wanted]
    return (*own, *(others[index] for index in chosen))


def in_other_words(sentence: str) -> tuple[str, ...]:
    """A sentence about somebody as a phrase, as going on, and of another subject; nothing where it is about no person.

    Example:
        >>> in_other_words("a person walks and waves slowly")[:2]
        ('walking and waving slowly', 'someone is walking and waving slowly')
    """
    found = ACTOR.fullmatch(sentence)
    if found is None:
        return ()
    subject, kind, posture, rest = found["subject"], found["kind"], found["posture"], found["rest"]
    doing = gerund(rest)
    if doing is None:
        return ()
    if kind is not None:  # a sitting person: the posture must not get lost
        return (f"{subject} is {doing}",)
    others = [other for other in SUBJECTS if other != subject]
    if posture is not None:
        during = () if posture.startswith("lying") or doing.startswith("lying") else (f"{doing} while {posture}",)
        return (*during, *(f"{other} {posture} is {doing}" for other in (subject, *others[:2])))
    going_on = [f"{other} is {doing}" for other in (others[0], subject)]
    return (doing, *going_on, *(f"{other} {rest}" for other in others))


def gerund(predicate: str) -> str | None:
    """``walks and waves`` as ``walking and waving``; None where the verb is not understood.

    Example:
        >>> gerund("slowly draws a circle and stops")
        'slowly drawing a circle and stopping'
    """
    found = BEGINNING.fullmatch(predicate)
    if found is None:
        return None
    first, comma, rest = found.groups()
    if first.endswith("ly"):
        below = gerund(rest)
        return None if below is None else f"{first} {below}"
    if first == "is":  # "is sitting and resting" is one already
        word = rest.partition(" ")[0]
        return rest if word.endswith("ing") else None
    if not first.endswith("s") or first.endswith("ss"):
        return None
    return ing(first) + JOINT.sub(_following, f"{comma} {rest}" if rest else comma)


def ing(verb: str) -> str:
    """The -ing form of a verb in the third person."""
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb.endswith("ies"):
        stem = verb[:-3] + "y"
    elif verb.endswith(("sses", "shes", "ches", "xes", "zzes")) or verb in ("does", "goes"):
        stem = verb[:-2]
    else:
        stem = verb[:-1]
    if stem.endswith("e") and not stem.endswith(("ee", "oe", "ye")):
        return stem[:-1] + "ing"
    if re.fullmatch(r"(?:qu|[^aeiou])*[aeiouy][^aeiou]", stem) and stem[-1] not in NO_DOUBLING and len(stem) > 2:
        return stem + stem[-1] + "ing"
    return stem + "ing"


def _following(found: re.Match[str]) -> str:
    word = found["word"]
    return found["joint"] + (ing(word) if word in FOLLOWING else word)
