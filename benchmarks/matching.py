"""How far words have to be from a program's to be taken for it: fits the constants of `anywear.runtime.programs`.

Every wording of every program is asked for with itself taken away: once among the others, where its program is right, and
once with all of its program's words taken away, where none is. Nothing but the generator's own words is used.

    python benchmarks/matching.py
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from anywear.motion.generate import PROGRAMS
from anywear.runtime.contrary import says_contrary
from anywear.runtime.model import WEIGHTS_DIR
from anywear.runtime.phrases import shortened
from anywear.runtime.programs import own_words
from anywear.runtime.text import TextTower

GONE = -9.0  # a cosine that nothing has


def main() -> None:
    pairs = [(text, name) for name, own in PROGRAMS.items() for text in dict.fromkeys((own.label, *own.also))]
    texts = [text for text, _ in pairs]
    order = sorted(PROGRAMS)
    owner = np.array([order.index(name) for _, name in pairs])
    vectors = TextTower(WEIGHTS_DIR).encode(texts)
    cosines = vectors @ vectors.T
    against = np.array([[_says_contrary(one, other, pairs) for other in pairs] for one in texts])
    same = np.array([[one == other for other in texts] for one in texts])
    asked = [i for i in range(len(texts)) if ((owner == owner[i]) & ~same[i]).any()]
    print(f"{len(asked)} wordings of {len(order)} programs")
    for contrary in (0.0, 0.15, 0.3, 0.45):
        nearness = np.full((len(asked), len(order)), GONE)
        for row, i in enumerate(asked):
            np.maximum.at(nearness[row], owner, np.where(same[i], GONE, cosines[i] - contrary * against[i]))
        right = owner[asked]

        def surprise(x: np.ndarray, nearness: np.ndarray = nearness, right: np.ndarray = right) -> float:
            temperature, none = np.exp(x[0]), np.full((len(nearness), 1), x[1])
            rows = np.arange(len(nearness))
            with_own = np.concatenate([nearness, none], axis=1) / temperature
            found = np.logaddexp.reduce(with_own, axis=1) - with_own[rows, right]
            without = with_own.copy()
            without[rows, right] = GONE / temperature
            refused = np.logaddexp.reduce(without, axis=1) - without[:, -1]
            return float(found.mean() + refused.mean())

        fitted = minimize(surprise, [np.log(0.05), 0.7], method="Nelder-Mead")
        first = float((nearness.argmax(axis=1) == right).mean())
        print(
            f"contrary {contrary:.2f}: temperature {np.exp(fitted.x[0]):.4f}, none at {fitted.x[1]:.3f}, "
            f"surprise {fitted.fun:.3f}, nearest program right {100 * first:.1f} %"
        )

    own: dict[str, set[str]] = {}
    for text, name in own_words():
        own.setdefault(text, set()).add(name)
    cut = {text: shorter for text in own if (shorter := shortened(text, own.keys()))}
    share = np.mean([bool(own[text] & own[shorter]) for text, shorter in cut.items()])
    print(f"{len(cut)} wordings begin or end with another one: its program is right in {100 * share:.1f} %")


def _says_contrary(text: str, wording: tuple[str, str], pairs: list[tuple[str, str]]) -> bool:
    """As `anywear.runtime.programs` has it, the words that are asked for taken away from what their program is called."""
    other, owner = wording
    called = " ".join(own for own, name in pairs if name == owner and own != text)
    return says_contrary(text, other) or says_contrary(text, called)


if __name__ == "__main__":
    main()
