"""What speaks for a cause without proving it: notes for programs in which no fault was found.

A check proves; where none does, a stranger still wants to know where to look. Each function weighs what the record
holds for one cause and says what would settle it. Its weight orders the notes and is no probability; a note is never
an error, and a program with nothing but notes counts as healthy.
"""

from __future__ import annotations

from wordfit.doctor.checks.course import Course
from wordfit.doctor.checks.suspicions import losses, rows, training, vectors, weights
from wordfit.doctor.checks.suspicions.clue import Suspicions
from wordfit.doctor.finding import INFO, Finding, View

MOST = 3  # notes that are shown
LEAST = 0.3  # weight of a note that is worth a line
UNWELL = 0.1  # the same, of a program that shows a symptom

SUSPICIONS: Suspicions = {
    clue: settle for room in (training, weights, rows, losses, vectors) for clue, settle in room.SUSPICIONS.items()
}


def suspicions(view: View) -> list[Finding]:
    """The notes of a record, the weightiest first, one a cause."""
    course, found = Course(view), []
    for clue, settle in SUSPICIONS.items():
        best = max(clue(course), key=lambda c: c[0], default=None)
        if best is not None and best[0] >= (UNWELL if course.unwell else LEAST):
            weight, evidence, place = best
            where = {k: place.get(k) for k in ("module", "file", "line")}
            text = f"not proven; to settle it: {settle}"
            found.append(Finding(clue.__name__, weight, [evidence], text, where, INFO))
    return sorted(found, key=lambda f: -f.confidence)[:MOST]
