"""Which words name a true activity: an explicit list for every label of the sets whose captions are judged.

A row reads: a caption names the label if all parts of one alternative are in it. Alternatives are parted by ``;``, parts by
spaces, and a part is one of the words between slashes, or with ``-`` before it none of them. Words are compared by their
stems, so *walks* is *walking*. What is asked is the kind of activity: a place (parking lot), a pace (slowly) or a grade need
not be named; a machine has to be where it is the activity.
"""

from __future__ import annotations

from collections.abc import Mapping

from .text_words import plain_words, stem

_SIT = "sit/sat/seated -stand/stood/rise/up/down/lie"
_STAND = "stand/stood -sit/sat/up/walk/step/leg"
_LIE = "lie/lies/lying/lay/lays/laying/laid/sleep/sleeping/recline"
_UP = "stair/stairs/step/ladder up/climb/ascend/upward/upwards; upstairs; climb"
_DOWN = "stair/stairs/step/ladder down/descend/downward/downwards; downstairs; descend"
_WALK = "walk/stroll/stride -stair/upstairs/downstairs"
_RUN = "run/ran/jog/sprint"
_JUMP = "jump/hop/leap/bounce"
_CYCLE = "cycle/cycling/bike/bicycle/pedal"
_SITS_STANDS = "sit/sat stand/stood/up/rise; squat"
_CHAIR = f"{_SITS_STANDS}; sit/sat down; stand/stood/get up"
_LIES_SITS = f"{_LIE} sit/sat/up/rise"
_CIRCLE = "circle/circles/circular"

NAMED: Mapping[str, Mapping[str, str]] = {
    "dsads": {
        "sitting": _SIT, "standing": _STAND, "lying on back": _LIE, "lying on right side": _LIE, "ascending stairs": _UP,
        "descending stairs": _DOWN, "standing in an elevator still": f"elevator/lift; {_STAND}",
        "moving around in an elevator": "elevator/lift; stand/stood move/shift/turn", "walking in a parking lot": _WALK,
        "walking on a treadmill flat": _WALK, "walking on a treadmill inclined": _WALK, "running on a treadmill": _RUN,
        "exercising on a stepper": "stepper; step machine/exercise; climb",
        "exercising on a cross trainer": "cross trainer; elliptical",
        "cycling on an exercise bike in horizontal position": _CYCLE,
        "cycling on an exercise bike in vertical position": _CYCLE,
        "rowing": "row/rowing/rows", "jumping": _JUMP, "playing basketball": "basketball; dribble; ball",
    },
    "usc-had": {
        "walking forward": _WALK, "walking left": f"{_WALK} left/sideways/turn/circle/counterclockwise; sidestep",
        "walking right": f"{_WALK} right/sideways/turn/circle/clockwise; sidestep", "walking upstairs": _UP,
        "walking downstairs": _DOWN, "running forward": _RUN, "jumping up": _JUMP, "sitting": _SIT, "standing": _STAND,
        "sleeping": _LIE, "elevator up": f"elevator/lift; {_STAND}", "elevator down": f"elevator/lift; {_STAND}",
    },
    "sisfall": {
        "walking slowly": _WALK, "walking quickly": _WALK, "jogging slowly": _RUN, "jogging quickly": _RUN,
        "walking upstairs and downstairs slowly": f"{_UP}; {_DOWN}; stair/stairs",
        "walking upstairs and downstairs quickly": f"{_UP}; {_DOWN}; stair/stairs",
        "slowly sitting down on a half height chair and standing up slowly": _CHAIR,
        "quickly sitting down on a half height chair and standing up quickly": _CHAIR,
        "slowly sitting down on a low chair and standing up slowly": _CHAIR,
        "quickly sitting down on a low chair and standing up quickly": _CHAIR,
        "sitting, trying to get up and collapsing into the chair": f"{_SITS_STANDS}; sit/sat; stand/stood/get up",
        "sitting, lying down slowly and sitting up again": f"{_LIES_SITS}; {_LIE}; sit/sat up",
        "sitting, lying down quickly and sitting up again": f"{_LIES_SITS}; {_LIE}; sit/sat up",
        "lying on the back, turning to the side and back again": f"{_LIE}; roll/turn side/over",
        "slowly bending at the knees and getting up": "bend/bent/crouch/squat/kneel/knee; pick up",
        "slowly bending forward without bending the knees and getting up": "bend/bent/bow/lean; pick up",
        "getting into a car, sitting and getting out of the car": "car; sit/sat stand/stood/get/up",
        "stumbling while walking": f"stumble/trip/stagger/balance; {_WALK}",
        "jumping gently to reach a high object": f"{_JUMP}; reach up/high",
    },
    "utd-mhad": {
        "swipe left": "swipe; wave; hand/arm left/side/across", "swipe right": "swipe; wave; hand/arm right/side/across",
        "wave": "wave/waving", "clap": "clap/applaud", "throw": "throw/threw/toss/pitch",
        "arm cross": "cross arm/arms/hand/hands; fold arm/arms",
        "basketball shoot": "basketball; shoot/shot; ball throw/threw/toss",
        "draw x": "draw/write/trace; x", "draw circle clockwise": _CIRCLE, "draw circle counter clockwise": _CIRCLE,
        "draw triangle": "draw/write/trace; triangle", "bowling": "bowl/bowling; ball roll/throw/swing",
        "boxing": "box/boxing/punch/jab", "baseball swing": "baseball; bat; swing/swung",
        "tennis swing": "tennis; racket/racquet; swing/swung",
        "arm curl": "curl/biceps; lift weight/weights/dumbbell",
        "tennis serve": "tennis; serve; racket/racquet", "push": "push/shove",
        "knock": "knock", "catch": "catch/caught",
        "pickup and throw": "pick/picks/bend/bent throw/threw/toss; pick/picks up",
        "jog": _RUN, "walk": _WALK, "sit to stand": "stand/stood/get/rise up; sit/sat stand/stood",
        "stand to sit": "sit/sat down; sit/sat -up/stand/stood", "lunge": "lunge",
        "squat": "squat/crouch; bend/bent knee/knees",
    },
}  # fmt: skip
"""By set and label."""


def names(caption: str, rule: str) -> bool:
    """Whether a caption says what a row of the list asks.

    Example:
        >>> names("someone is climbing up the stairs", "stair up/climb; upstairs"), names("a person sits down", "sit -down")
        (True, False)
    """
    said = {stem(word) for word in plain_words(caption)}
    return any(_has_all(said, alternative.split()) for alternative in rule.split(";"))


def _has_all(said: set[str], parts: list[str]) -> bool:
    for part in parts:
        options = {stem(word) for word in part.removeprefix("-").split("/")}
        if bool(said & options) == part.startswith("-"):
            return False
    return bool(parts)
