"""An analysis for a reader, and as JSON. No estimate is printed without its error."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from countenance.scenes import AnalysisResult
from countenance.vision.attributes import FaceAnalysis
from countenance.vision.landmarks import FacePart
from countenance.vision.registry import MeasuredFact

__all__ = ["analysis_document", "estimate_errors", "face_document", "render_analysis"]

_GAZE_NOTE = "derived from iris, lids and head; not validated"
_POINTS_NOTE = "derived from the 468-point mesh and the iris network; pixels of the picture"


def analysis_document(result: AnalysisResult) -> dict[str, object]:
    """Return a result as one JSON object; members that weren't asked for are left out."""
    return {
        "outcome": "analysed",
        "face": face_document(result.analysis),
        "picture": {"width": result.size[0], "height": result.size[1]},
        "models": list(result.models),
        "permit": result.permit_id,
        "demo": result.demo,
        "verdict": result.verdict.to_json(),
        "log": {
            "index": result.log.index,
            "leaf_hash": result.log.leaf_hash,
            "tree_size": result.log.tree_size,
        },
    }


def face_document(found: FaceAnalysis) -> dict[str, object]:
    """Return one face as a JSON object; members that weren't asked for are left out."""
    box = found.box
    face: dict[str, object] = {
        "box": {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom}
    }
    if found.pose is not None:
        face["pose_degrees"] = {
            "yaw": round(found.pose.yaw, 1),
            "pitch": round(found.pose.pitch, 1),
            "roll": round(found.pose.roll, 1),
        }
    if found.openness is not None:
        face["openness"] = {
            "eye_at_left": round(found.openness.eye_at_left, 3),
            "eye_at_right": round(found.openness.eye_at_right, 3),
            "mouth": round(found.openness.mouth, 3),
        }
    if found.gaze is not None:
        face["gaze_degrees"] = {
            "yaw": round(found.gaze.yaw, 1),
            "pitch": round(found.gaze.pitch, 1),
            "note": _GAZE_NOTE,
        }
    if found.points is not None:
        face["points_106"] = {
            "note": _POINTS_NOTE,
            "parts": {part.value: [part.indices.start, part.indices.stop - 1] for part in FacePart},
            "points": [[round(float(x), 2), round(float(y), 2)] for x, y in found.points.points],
        }
    return face | _judged(found)


def _judged(found: FaceAnalysis) -> dict[str, object]:
    """Return quality and estimates, each with what it rests on."""
    face: dict[str, object] = {}
    if found.quality is not None:
        face["quality"] = {
            "unified": found.quality.unified,
            "reasons": [{"code": reason.code, "words": reason.words} for reason in found.quality.reasons],
        }
    if found.age is not None:
        face["age"] = {"estimate_years": round(found.age.years, 1), "error": _error(found.age.measured)}
    if found.gender is not None:
        face["gender"] = {
            "estimate": found.gender.label.value,
            "network_probability": round(found.gender.probability, 3),
            "error": _error(found.gender.measured),
        }
    return face


def _error(measured: Iterable[MeasuredFact]) -> list[dict[str, str]]:
    return [{"figure": fact.figure, "conditions": fact.conditions} for fact in measured]


def render_analysis(console: Console, result: AnalysisResult) -> None:
    """Print an analysis in words.

    Args:
        console: where.
        result: what came back.
    """
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1)
    for name, words in _rows(result.analysis):
        table.add_row(name, Text(words))
    console.print(Padding(table, (0, 0, 0, 2)))
    console.print(Text(result.verdict.words()[0], style="green"))
    if result.demo:
        console.print(Text("DEMO evidence: this says nothing about a real person's consent.", style="yellow"))
    said = f"Permit {result.permit_id}, log entry {result.log.index}, networks {', '.join(result.models)}"
    console.print(Text(said, style="dim"))


def _rows(found: FaceAnalysis) -> Iterable[tuple[str, str]]:
    if found.pose is not None:
        pose = found.pose
        yield "head", f"yaw {pose.yaw:+.0f}, pitch {pose.pitch:+.0f}, roll {pose.roll:+.0f} degrees"
    if found.openness is not None:
        opened = found.openness
        yield "eyes", f"open by {opened.eye_at_left:.2f} (at left) and {opened.eye_at_right:.2f} (at right)"
        yield "mouth", f"open by {opened.mouth:.2f}"
    if found.gaze is not None:
        yield "gaze", f"yaw {found.gaze.yaw:+.0f}, pitch {found.gaze.pitch:+.0f} degrees; {_GAZE_NOTE}"
    if found.points is not None:
        parts = ", ".join(f"{len(part.indices)} {part.value}" for part in FacePart)
        yield "points", f"106 ({parts}), derived; --json prints them"
    if found.quality is not None:
        reasons = "".join(f"\n{reason.words} {reason.advice}" for reason in found.quality.reasons)
        yield "quality", f"{found.quality.unified} of 100{reasons}"
    if found.age is not None:
        yield "age", f"looks {found.age.years:.0f} years to the network{_stated(found.age.measured)}"
    if found.gender is not None:
        yield "gender", f"looks {found.gender.label.value} to the network{_stated(found.gender.measured)}"


def estimate_errors(found: FaceAnalysis) -> Iterable[tuple[str, str]]:
    """Return each estimate's name and how wrong it was measured to be, in words."""
    for name, estimate in (("age", found.age), ("gender", found.gender)):
        if estimate is not None:
            yield name, "; ".join(f"{fact.figure} ({fact.conditions})" for fact in estimate.measured)


def _stated(measured: Iterable[MeasuredFact]) -> str:
    return "".join(f"\n{fact.figure} ({fact.conditions})" for fact in measured)
