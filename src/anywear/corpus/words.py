"""Words for free motion capture: labels and sentences for the class names of the archives, written by hand.

Each class has a label (what a person would ask for) and two to four sentences of different wording and detail. CMU's index
describes a trial in a few words ("basketball - forward dribble"); `cmu_label` finds the label by the first rule that fits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A label and sentences that say the same."""

    label: str
    sentences: tuple[str, ...]


def _words(label: str, *sentences: str) -> Words:
    return Words(label, sentences)


HDM05 = {
    "depositFloorR": _words(
        "putting something on the floor",
        "A person bends down and puts an object on the floor with the right hand.",
        "Someone lowers the right hand to the ground to set something down, then stands up again.",
        "Putting a thing down on the floor.",
    ),
    "elbowToKnee1RepsLelbowStart": _words(
        "elbow to knee exercise",
        "A person brings the left elbow to the raised right knee.",
        "Someone exercises standing: the knee comes up, and the opposite elbow is turned down to touch it.",
        "One elbow-to-knee crunch while standing, hands behind the head.",
    ),
    "grabHighR": _words(
        "reaching up to grab something",
        "A person reaches up high with the right hand and grabs something.",
        "Someone takes an object from above the head with the right arm.",
        "Grabbing a thing from a high shelf.",
    ),
    "hopBothLegs1hops": _words(
        "hopping on both legs",
        "A person hops forward once on both legs.",
        "Someone makes one small jump with the feet together.",
    ),
    "jogLeftCircle4StepsRstart": _words(
        "jogging in a circle",
        "A person jogs four steps in a circle to the left.",
        "Someone jogs on a curve, turning left, and starts with the right foot.",
        "Jogging around to the left.",
    ),
    "kickLFront1Reps": _words(
        "kicking to the front",
        "A person kicks forward with the left leg.",
        "Someone stands on the right leg and swings the left foot up to the front.",
        "One front kick with the left foot.",
    ),
    "lieDownFloor": _words(
        "lying down on the floor",
        "A person gets down and lies on the floor.",
        "Someone who stands lowers the body to the ground until they lie flat.",
        "Lying down on the floor.",
    ),
    "rotateArmsBothBackward1Reps": _words(
        "arm circles backward",
        "A person circles both arms backward once.",
        "Someone swings both straight arms up in front and round behind the body.",
        "One backward circle of both arms.",
    ),
    "sneak2StepsLStart": _words(
        "sneaking",
        "A person sneaks two steps forward, starting with the left foot.",
        "Someone tiptoes slowly with bent knees so that nobody hears them.",
        "Creeping forward on tiptoe.",
    ),
    "squat1Reps": _words(
        "squats",
        "A person does one squat.",
        "Someone bends the knees deeply and stands up again.",
        "One knee bend, down and up.",
    ),
    "throwBasketball": _words(
        "throwing a basketball",
        "A person throws a basketball.",
        "Someone shoots a ball upward at a basket with the hands.",
        "A basketball shot from a standing position.",
    ),
}
"""Classes of HDM05 as its file names spell them; ``1Reps`` is one repetition, R and L are the side."""

DEEPMIMIC = {
    "humanoid3d_backflip": _words(
        "backflip", "A person does a backflip.", "Someone jumps up, turns over backward in the air and lands on the feet."
    ),
    "humanoid3d_bridge": _words(
        "bridge", "A person bends over backward into a bridge.", "Someone arches the body on hands and feet, belly up."
    ),
    "humanoid3d_crawl": _words(
        "crawling", "A person crawls on hands and knees.", "Someone moves forward over the ground on all fours."
    ),
    "humanoid3d_dance_a": _words("dancing", "A person dances.", "Someone moves arms and feet in a dance."),
    "humanoid3d_dance_b": _words("dancing", "A person dances.", "Someone steps and sways in a dance."),
    "humanoid3d_roll": _words(
        "rolling over the floor", "A person rolls forward over the ground.", "Someone does a forward roll and gets up."
    ),
    "humanoid3d_run": _words("running", "A person runs.", "Someone is running straight ahead."),
    "humanoid3d_run_jump": _words(
        "jumping", "A person runs and jumps.", "Someone takes a running start and leaps forward."
    ),
    "humanoid3d_run_roll": _words(
        "rolling over the floor", "A person runs and rolls over the ground.",
        "Someone runs, dives into a forward roll and runs on.",
    ),
    "humanoid3d_spinkick": _words(
        "spinning kick", "A person does a spinning kick.", "Someone turns around and kicks high with one leg."
    ),
}  # fmt: skip
"""DeepMimic's own clips by file name."""

EXERCISES = (
    _words("jumping jacks", "A person does jumping jacks.", "Someone jumps, spreading arms and legs and closing them."),
    _words("jogging", "A person jogs.", "Someone is jogging around at an easy pace."),
    _words("squats", "A person does squats.", "Someone bends the knees and stands up, again and again."),
    _words("knee raises", "A person raises the knees in turn.", "Someone lifts one knee after the other to the front."),
    _words("arm circles", "A person circles the arms.", "Someone swings the straight arms around in circles."),
    _words("twisting the trunk", "A person twists from side to side.", "Someone turns the upper body left and right."),
    _words("reaching to the side", "A person reaches out to the side.", "Someone stretches an arm far out sideways."),
    _words("boxing", "A person boxes.", "Someone punches the air with both fists in turn."),
    _words("up and down", "A person goes down and comes up again.", "Someone lowers and raises the whole body."),
    _words(
        "touching the toes with one hand", "A person touches the toes with one hand at a time.",
        "Someone bends over and brings each hand to the opposite foot in turn.",
    ),
    _words("side bends", "A person bends to the side.", "Someone leans the trunk to the left and to the right."),
    _words(
        "touching the toes", "A person touches the toes with both hands.", "Someone bends forward until both hands "
        "reach the feet, then straightens up.",
    ),
)  # fmt: skip
"""The twelve exercises of cmu-mocap6; its labels count them from 1."""

ACTIONS = {
    "basketball": _words(
        "playing basketball", "A person plays basketball.", "Someone dribbles a ball while walking and turning."
    ),
    "jumping": _words("jumping", "A person jumps.", "Someone takes off with both feet, flies and lands."),
    "running": _words("running", "A person runs.", "Someone is running straight ahead."),
    "soccer": _words("playing soccer", "A person plays soccer.", "Someone walks up to a ball and kicks it."),
    "walking": _words("walking", "A person walks.", "Someone is walking along at an ordinary pace."),
    "walking_extra": _words("walking", "A person walks.", "Someone is walking along at an ordinary pace."),
    "washwindow": _words(
        "washing a window", "A person washes a window.", "Someone wipes a pane in front of them with one arm."
    ),
}
"""Folders of cmu-actions."""

IDLE = {
    "acted": _words("standing", "A person stands and waits.", "Someone stands about, acting as if idle."),
    "genuine": _words("standing", "A person stands.", "Someone stands still, shifting their weight now and then."),
}
"""Folders of reactidle."""

KARATE = {
    "Empi": "A person performs the karate form Empi.",
    "Front Kick": "A person practises front kicks in karate.",
    "Gedanbarai": "A person practises the low block of karate, gedan barai.",
    "Heiansyodan": "A person performs the karate form Heian Shodan.",
    "Mawashigeri": "A person practises the roundhouse kick of karate, mawashi geri.",
    "Motorcycle": "A person moves as if riding a motorcycle.",
    "Oiduki": "A person practises the lunge punch of karate, oi zuki.",
    "Syutouuke": "A person practises the knife-hand block of karate, shuto uke.",
}
"""What CMU's index calls the trials of subject 135, in a sentence."""

_CMU_RULES = (
    (r"basketball", "playing basketball"),
    (r"soccer", "playing soccer"),
    (r"salsa", "salsa dancing"),
    (r"playground.*(grip|hang|swing)", "swinging from a bar"),
    (r"playground.*climb", "climbing"),
    (r"playground.*jump", "jumping"),
    (r"get up", "getting up from the floor"),
    (r"fall on face|slip", "falling"),
    (r"jumping jacks", "gymnastics"),
    (r"front kick|mawashigeri|jump kick|spin kick", "kicking"),
    (r"empi|gedanbarai|heian|oiduki|syutouuke", "karate"),
    (r"handstand", "handstand"),
    (r"cartwheel", "cartwheel"),
    (r"kickflip|flip backward|helicopter", "acrobatics"),
    (r"dance", "dancing"),
    (r"punch|strike", "boxing"),
    (r"swordplay", "sword fighting"),
    (r"wash self", "washing oneself"),
    (r"bend over", "bending and lifting"),
    (r"duck", "ducking while running"),
    (r"dive|roll", "rolling over the floor"),
    (r"motorcycle", "riding a motorcycle"),
    (r"jump|leap|hop", "jumping"),
    (r"uneven", "walking on uneven ground"),
    (r"walk to run", "running"),
    (r"\brun|jog", "running"),
    (r"walk", "walking"),
)


def cmu_label(description: str) -> str:
    """The label of a trial by what CMU's index says of it; empty when no rule fits.

    Example:
        >>> cmu_label("run/jog, veer left")
        'running'
    """
    text = description.lower()
    if text.startswith("dance") and "cartwheel" in text:
        return "dancing"
    return next((label for pattern, label in _CMU_RULES if re.search(pattern, text)), "")


def cmu_sentence(description: str) -> str:
    """CMU's description as it stands, or as a sentence where it is a word that says nothing by itself."""
    return KARATE.get(description, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", description).strip())
