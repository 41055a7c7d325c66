"""The frames of a stream and how it went, as rows for a reader and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from countenance.cli.analysis_results import estimate_errors, face_document
from countenance.scenes import FrameOutcome, StreamResult
from countenance.vision.attributes import FaceAnalysis

__all__ = ["frame_line", "render_frame", "render_stream", "stream_line"]


def frame_line(outcome: FrameOutcome) -> str:
    """Return a frame as one line of JSON: the face, or the code of why there is none."""
    frame: dict[str, object] = {"index": outcome.index}
    if outcome.seconds is not None:
        frame["seconds"] = round(outcome.seconds, 3)
    document: dict[str, object] = {"frame": frame | {"width": outcome.size[0], "height": outcome.size[1]}}
    if outcome.analysis is not None:
        document["face"] = face_document(outcome.analysis)
    if outcome.error is not None:
        document["error"] = {"code": outcome.error.code, "message": outcome.error.message}
    return json.dumps(document, ensure_ascii=False)


def stream_line(result: StreamResult) -> str:
    """Return how a stream went as one line of JSON."""
    document: dict[str, object] = {
        "outcome": result.stop.value if result.stop.value in ("interrupted", "failed") else "analysed",
        "source": result.kind.value,
        "described": result.described,
        "passed_over": dict(result.passed_over),
        "unreadable": [{"index": each.index, "code": each.code} for each in result.unreadable],
        "seen": result.seen,
        "stop": result.stop.value,
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
    if result.seconds is not None:
        document["seconds"] = round(result.seconds, 3)
    if result.error is not None:
        error = result.error
        document["error"] = {"code": error.code, "message": error.message, "remedy": error.remedy}
    return json.dumps(document, ensure_ascii=False)


def render_frame(console: Console, outcome: FrameOutcome, *, explain: bool) -> None:
    """Print a frame as one row.

    Args:
        console: where.
        outcome: the frame.
        explain: whether to say first how wrong the estimates are; once for a stream.
    """
    if explain and outcome.analysis is not None:
        for name, words in estimate_errors(outcome.analysis):
            console.print(Padding(Text(f"{name}: {words}", style="dim"), (0, 0, 0, 2)))
    when = "" if outcome.seconds is None else f"{outcome.seconds:8.2f} s"
    row = Text.assemble((f"{outcome.index:6}{when}  ", "bold"))
    if outcome.analysis is not None:
        row.append(", ".join(_cells(outcome.analysis)) or "a face")
    elif outcome.error is not None:
        row.append(outcome.error.code, style="yellow")
    console.print(row, soft_wrap=True)


def _cells(found: FaceAnalysis) -> Iterator[str]:
    if found.pose is not None:
        yield f"head {found.pose.yaw:+.0f} {found.pose.pitch:+.0f} {found.pose.roll:+.0f} deg"
    if found.openness is not None:
        yield f"eyes open {found.openness.eye_at_left:.2f} {found.openness.eye_at_right:.2f}"
        yield f"mouth open {found.openness.mouth:.2f}"
    if found.gaze is not None:
        yield f"gaze {found.gaze.yaw:+.0f} {found.gaze.pitch:+.0f} deg"
    if found.quality is not None:
        yield f"quality {found.quality.unified}"
    if found.age is not None:
        yield f"looks {found.age.years:.0f}"
    if found.gender is not None:
        yield f"looks {found.gender.label.value}"


def render_stream(console: Console, result: StreamResult) -> None:
    """Print how a stream went.

    Args:
        console: where.
        result: what came back.
    """
    looked = result.described + sum(result.passed_over.values())
    console.print(
        Text(f"{result.described} of {looked} frames described: {result.stop.words}.", style="bold")
    )
    for code, count in sorted(result.passed_over.items()):
        console.print(Text(f"  {count} passed over: {code}"))
    for each in result.unreadable:
        console.print(Text(f"  number {each.index} in the order of names can't be taken in: {each.code}"))
    console.print(Text(result.verdict.words()[0], style="green"))
    if result.demo:
        console.print(Text("DEMO evidence: this says nothing about a real person's consent.", style="yellow"))
    said = f"Permit {result.permit_id}, log entry {result.log.index}, networks {', '.join(result.models)}"
    console.print(Text(said, style="dim"))
