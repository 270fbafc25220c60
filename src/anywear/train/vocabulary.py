"""What training calls each activity: concepts, several wordings of each, and how they contain one another.

A window's positives are the wordings of its concept and of the concepts that contain it (a walk on a treadmill is a walk).
Concepts it contains, or that cannot be told from it, are neither right nor wrong for it. All else is wrong.

The wordings were written by hand with the vocabulary of the activity-recognition literature in mind, so words that other data
sets use for the same thing occur among them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from ..errors import UsageError
from ..motion.generate import PROGRAMS, pose

SIMULATED = (
    "simulated"  # the data set of takes that nobody recorded; their labels are names of the generator's programs
)
CAPTURED = "captured"  # that of takes simulated from the motion corpus, under its labels
LISTENED = 4  # clips of a program whose sentences are compared; what most of them say is true of all


@dataclass(frozen=True)
class Concept:
    """One kind of motion.

    Attributes:
        texts: wordings, the plainest first.
        within: names of wider concepts that hold it.
        near: names of concepts too close to count as wrong.
    """

    texts: tuple[str, ...]
    within: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def _concept(texts: str, within: str = "", near: str = "") -> Concept:
    split = lambda text: tuple(part.strip() for part in text.split(";") if part.strip())  # noqa: E731
    return Concept(split(texts), split(within), split(near))


CONCEPTS: dict[str, Concept] = {
    # Postures
    "still": _concept("being still; not moving; staying in place; resting; a person holds still; stationary"),
    "sitting": _concept(
        "sitting; seated; sitting still; sitting on a chair; sitting down quietly; a person sits on a chair; "
        "sitting at a desk; someone is seated and hardly moves; sit",
        "still",
    ),
    "standing": _concept(
        "standing; standing still; standing upright; stand; a person stands in place; standing and waiting; "
        "someone stands still on both feet",
        "still",
        "elevator_still",
    ),
    "lying": _concept(
        "lying; lying down; lying in bed; sleeping; laying; a person is lying down; resting in bed; "
        "someone lies still; taking a nap",
        "still",
    ),
    "lying_back": _concept(
        "lying on back; lying on the back; lying face up; supine; a person lies on their back", "lying"
    ),
    "lying_side": _concept(
        "lying on right side; lying on the side; lying sideways; a person lies on their right side", "lying"
    ),
    "elevator_still": _concept(
        "standing in an elevator still; standing in a lift; riding an elevator; a person stands still in an elevator",
        "standing",
    ),
    "elevator_moving": _concept(
        "moving around in an elevator; shifting about while riding a lift; a person fidgets in an elevator; "
        "taking a few small steps on the spot",
        "",
        "standing; elevator_still",
    ),
    # Locomotion
    "walking": _concept(
        "walking; walk; a person walks; walking at normal speed; someone is walking; strolling; going for a walk; "
        "walking on level ground; walking steadily"
    ),
    "walking_straight": _concept(
        "walking forward; walking straight ahead; a person walks forward in a straight line; walking straight on",
        "walking",
    ),
    "walking_turn_left": _concept(
        "walking left; turning left while walking; walking in a circle to the left; a person walks and turns left; "
        "walking counterclockwise",
        "walking",
        "turning; turning_left",
    ),
    "walking_turn_right": _concept(
        "walking right; turning right while walking; walking in a circle to the right; a person walks and turns right; "
        "walking clockwise",
        "walking",
        "turning; turning_right",
    ),
    "walking_outdoors": _concept(
        "walking in a parking lot; walking outdoors; a person walks across a parking lot; walking outside",
        "walking",
        "walking_straight",
    ),
    "walking_treadmill": _concept(
        "walking on a treadmill flat; walking on a treadmill; a person walks on a flat treadmill; "
        "walking slowly on a treadmill; walking at 4 km/h",
        "walking",
        "walking_straight",
    ),
    "walking_incline": _concept(
        "walking on a treadmill inclined; walking uphill; walking up a slope; a person walks on an inclined treadmill; "
        "hiking up a steep path",
        "walking",
        "walking_treadmill",
    ),
    "stairs": _concept("taking the stairs; walking on stairs; using a staircase; stairs; a person is on the stairs"),
    "stairs_up": _concept(
        "ascending stairs; walking upstairs; climbing stairs; going up stairs; upstairs; stairs up; "
        "a person walks up a flight of stairs; someone climbs the stairs",
        "stairs",
    ),
    "stairs_down": _concept(
        "descending stairs; walking downstairs; going down stairs; downstairs; stairs down; "
        "a person walks down a flight of stairs; someone goes down the stairs",
        "stairs",
    ),
    "running": _concept(
        "running; run; jogging; running forward; a person runs; someone is jogging; jog; running at a steady pace; "
        "a person jogs along"
    ),
    "running_treadmill": _concept(
        "running on a treadmill; jogging on a treadmill; a person runs on a treadmill; running at 8 km/h", "running"
    ),
    "turning": _concept("turning; turning around; a person turns around; changing direction; turning on the spot"),
    "turning_left": _concept(
        "turning left; turning around to the left; a person turns to the left; rotating counterclockwise",
        "turning",
        "walking_turn_left",
    ),
    "turning_right": _concept(
        "turning right; turning around to the right; a person turns to the right; rotating clockwise",
        "turning",
        "walking_turn_right",
    ),
    # Transitions
    "sit_to_stand": _concept(
        "standing up; sit to stand; getting up from a chair; rising from a seat; a person stands up from sitting; "
        "someone gets up"
    ),
    "stand_to_sit": _concept(
        "sitting down; stand to sit; sitting down on a chair; taking a seat; a person sits down from standing; "
        "someone lowers themselves onto a chair"
    ),
    # Exercise
    "stepper": _concept(
        "exercising on a stepper; stepping on a stair stepper; a person works out on a stepper machine; step machine",
        "",
        "stairs; stairs_up",
    ),
    "cross_trainer": _concept(
        "exercising on a cross trainer; using an elliptical trainer; elliptical machine; "
        "a person exercises on an elliptical cross trainer"
    ),
    "cycling": _concept(
        "cycling; riding a bike; biking; bicycling; pedalling; a person rides a bicycle; riding an exercise bike; "
        "someone is cycling"
    ),
    "cycling_recumbent": _concept(
        "cycling on an exercise bike in horizontal position; riding a recumbent bike; pedalling while leaning back",
        "cycling",
    ),
    "cycling_upright": _concept(
        "cycling on an exercise bike in vertical position; riding an upright bike; pedalling while sitting upright; "
        "spinning on a stationary bike",
        "cycling",
    ),
    "rowing": _concept("rowing; row; a person rows; exercising on a rowing machine; pulling the oars again and again"),
    "jumping": _concept(
        "jumping; jump; jumping up; jumping up and down; a person jumps; hopping on the spot; someone leaps into the air"
    ),
    "basketball": _concept(
        "playing basketball; basketball; a person plays basketball; dribbling and shooting a ball; playing a ball game"
    ),
    "lunge": _concept("lunge; forward lunge; a person steps forward into a lunge; lunging with one leg; lunges"),
    "squat": _concept("squat; squatting; a person squats down and comes up; bending the knees deeply; squats"),
    # Actions of the arm
    "swipe": _concept("swipe; swiping with the hand; a person swipes the arm across the body"),
    "swipe_left": _concept(
        "swipe left; swiping left with the right arm; moving the hand to the left; a person swipes to the left", "swipe"
    ),
    "swipe_right": _concept(
        "swipe right; swiping right with the right arm; moving the hand to the right; a person swipes to the right",
        "swipe",
    ),
    "wave": _concept(
        "wave; waving; waving the hand; a person waves hello; waving with the right hand; greeting by waving"
    ),
    "clap": _concept("clap; clapping hands; a person claps; applauding; clapping the hands in front of the body"),
    "throw": _concept(
        "throw; throwing; a person throws something; throwing a ball overhand; pitching forward with the arm"
    ),
    "arm_cross": _concept("arm cross; crossing the arms; a person crosses the arms on the chest; folding the arms"),
    "shoot": _concept(
        "basketball shoot; shooting a basketball; a person shoots a free throw; throwing a ball at the hoop"
    ),
    "drawing": _concept("drawing in the air; a person draws a shape in the air; tracing a figure with the hand"),
    "draw_x": _concept(
        "draw x; drawing the letter x in the air; a person draws a cross in the air; hand draws an x", "drawing"
    ),
    "draw_circle": _concept(
        "draw circle; drawing a circle in the air; a person draws a circle with the hand; circling", "drawing"
    ),
    "draw_circle_cw": _concept(
        "draw circle clockwise; drawing a clockwise circle in the air; a person circles the hand clockwise",
        "draw_circle",
    ),
    "draw_circle_ccw": _concept(
        "draw circle counter clockwise; drawing a counterclockwise circle; a person circles the hand counterclockwise",
        "draw_circle",
    ),
    "draw_triangle": _concept(
        "draw triangle; drawing a triangle in the air; a person draws a triangle with the hand", "drawing"
    ),
    "bowling": _concept(
        "bowling; rolling a bowling ball; a person bowls; swinging the arm low and forward; throwing underhand"
    ),
    "boxing": _concept(
        "boxing; punching; a person boxes; throwing punches; front boxing; hitting forward with the fists"
    ),
    "swing": _concept("swinging a bat or racket; a person swings the arm across; hitting a ball"),
    "baseball_swing": _concept(
        "baseball swing; swinging a baseball bat; a person swings a bat from the right; hitting a baseball", "swing"
    ),
    "tennis_swing": _concept(
        "tennis swing; tennis forehand; a person swings a tennis racket; hitting a forehand", "swing"
    ),
    "tennis_serve": _concept(
        "tennis serve; serving in tennis; a person serves a tennis ball overhead; smashing from above"
    ),
    "arm_curl": _concept(
        "arm curl; bicep curl; a person curls the arms; lifting weights with both arms; bending the elbows"
    ),
    "push": _concept("push; pushing forward with both hands; a person pushes; pushing something away"),
    "knock": _concept("knock; knocking on a door; a person knocks; tapping with the knuckles"),
    "catch": _concept("catch; catching an object; a person catches a ball; grabbing something out of the air"),
    "pickup_throw": _concept(
        "pickup and throw; picking something up and throwing it; a person bends, picks up an object and throws it"
    ),
    # Gestures with a phone in the hand; the words come with the data sets
}

YAW_TURN_RADPS = 0.35  # rad/s about the vertical over a window; a circle of 18 s
YAW_STRAIGHT_RADPS = 0.12  # rad/s; below this a walk counts as straight

LABEL_CONCEPTS: dict[str, dict[str, str]] = {
    "dsads": {
        "sitting": "sitting",
        "standing": "standing",
        "lying on back": "lying_back",
        "lying on right side": "lying_side",
        "ascending stairs": "stairs_up",
        "descending stairs": "stairs_down",
        "standing in an elevator still": "elevator_still",
        "moving around in an elevator": "elevator_moving",
        "walking in a parking lot": "walking_outdoors",
        "walking on a treadmill flat": "walking_treadmill",
        "walking on a treadmill inclined": "walking_incline",
        "running on a treadmill": "running_treadmill",
        "exercising on a stepper": "stepper",
        "exercising on a cross trainer": "cross_trainer",
        "cycling on an exercise bike in horizontal position": "cycling_recumbent",
        "cycling on an exercise bike in vertical position": "cycling_upright",
        "rowing": "rowing",
        "jumping": "jumping",
        "playing basketball": "basketball",
    },
    "sp-sw-har": {
        "seated": "sitting",
        "standing up": "sit_to_stand",
        "walking": "walking",
        "turning": "turning",
        "sitting down": "stand_to_sit",
    },
    "utd-mhad": {
        "swipe left": "swipe_left",
        "swipe right": "swipe_right",
        "wave": "wave",
        "clap": "clap",
        "throw": "throw",
        "arm cross": "arm_cross",
        "basketball shoot": "shoot",
        "draw x": "draw_x",
        "draw circle clockwise": "draw_circle_cw",
        "draw circle counter clockwise": "draw_circle_ccw",
        "draw triangle": "draw_triangle",
        "bowling": "bowling",
        "boxing": "boxing",
        "baseball swing": "baseball_swing",
        "tennis swing": "tennis_swing",
        "arm curl": "arm_curl",
        "tennis serve": "tennis_serve",
        "push": "push",
        "knock": "knock",
        "catch": "catch",
        "pickup and throw": "pickup_throw",
        "jog": "running",
        "walk": "walking",
        "sit to stand": "sit_to_stand",
        "stand to sit": "stand_to_sit",
        "lunge": "lunge",
        "squat": "squat",
    },
}
"""Concept of every label of the sets trained on; labels of other sets become concepts of their own, in their own words."""


def concept_of(dataset: str, label: str) -> tuple[str, Concept]:
    """The concept a data set's label stands for: its name and wordings."""
    if dataset == SIMULATED:
        return program_concept(label)
    if dataset == CAPTURED:
        return _captured_concept(label)
    table = LABEL_CONCEPTS.get(dataset)
    if table is None:
        return f"{dataset}: {label}", Concept((label, f"a person does this with the hand: {label}"), ("drawing",))
    if label not in table:
        raise UsageError(
            "A label has no concept to train on", where=dataset, got=repr(label), expected=", ".join(table),
            remedy="Add it to anywear.train.vocabulary.LABEL_CONCEPTS",
        )  # fmt: skip
    return table[label], CONCEPTS[table[label]]


@cache
def program_concept(name: str) -> tuple[str, Concept]:
    """The concept of a program of the generator: one of the above where it is called the same, else one of its own.

    A label that holds another's words is within it: walking uphill is walking. Transitions are not: standing up is no
    standing.
    """
    program = PROGRAMS[name]
    told = Counter(sentence for seed in range(LISTENED) for sentence in dict.fromkeys(pose(name, seed)[2].said))
    always = [sentence for sentence, count in told.items() if count > LISTENED // 2]
    texts = tuple(dict.fromkeys((program.label, *program.also, *always)))
    for known, concept in CONCEPTS.items():
        if program.label in concept.texts:
            return known, Concept(tuple(dict.fromkeys((*concept.texts, *texts))), concept.within, concept.near)
    within = []
    if program.family != "transitions":
        within = [known for known, concept in CONCEPTS.items() if _holds(program.label, concept.texts[0])]
        same = {other.label for other in PROGRAMS.values() if other.family == program.family}
        within += [f"simulated: {label}" for label in same if _holds(program.label, label) and not _known(label)]
    return f"simulated: {program.label}", Concept(texts, tuple(sorted(set(within))))


def _captured_concept(label: str) -> tuple[str, Concept]:
    """The concept of a label of the motion corpus: one that is called the same, else its own words."""
    for known, concept in CONCEPTS.items():
        if label in concept.texts:
            return known, concept
    for name, program in PROGRAMS.items():
        if label in (program.label, *program.also):
            return program_concept(name)
    within = tuple(known for known, concept in CONCEPTS.items() if _holds(label, concept.texts[0]))
    return f"captured: {label}", Concept((label, f"a person is {label}", f"someone {label}"), within)


def _known(label: str) -> bool:
    return any(label in concept.texts for concept in CONCEPTS.values())


def _holds(label: str, other: str) -> bool:
    """Whether a label is another with more words."""
    return label != other and re.search(rf"\b{re.escape(other)}\b", label) is not None


def refine_by_turning(concept: str, yaw_radps: float) -> str:
    """A walk or turn told apart by its mean rate about the vertical (rad/s, positive to the left), which any worn gyroscope
    shows; None of it needs a label."""
    if concept in ("walking", "walking_outdoors"):
        if abs(yaw_radps) < YAW_STRAIGHT_RADPS:
            return "walking_straight" if concept == "walking" else concept
        if abs(yaw_radps) > YAW_TURN_RADPS:
            return "walking_turn_left" if yaw_radps > 0 else "walking_turn_right"
    if concept == "turning" and abs(yaw_radps) > YAW_TURN_RADPS:
        return "turning_left" if yaw_radps > 0 else "turning_right"
    return concept
