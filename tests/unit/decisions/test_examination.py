"""Whose face is meant, and what is said when it can't be."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.decisions import Role
from countenance.decisions.examination import DOCUMENT_LIKE_SIZE, choose_for, look_at
from countenance.kernel import Frame, Material
from countenance.vision import FaceObservation, NoFaceFound, QualityGate, SeveralFaces
from verification_desk import MadeUpAnalyser, MadeUpFace

SIZE = (160, 120)
GATE = QualityGate(least_unified=30, least_component=10)
NOTHING = Frame(np.zeros((120, 160, 3), dtype=np.uint8), Material("a" * 64))


def seen(*faces: MadeUpFace) -> list[FaceObservation]:
    """The faces, the largest box first, as the analyser gives them."""
    found = [MadeUpAnalyser._observation(NOTHING, face) for face in faces]
    return sorted(found, key=lambda observation: -observation.face.box.width)


PORTRAIT = MadeUpFace(left=2, width=50)


@pytest.mark.parametrize(
    ("role", "faces", "meant"),
    [
        pytest.param(Role.DOCUMENT, [PORTRAIT], 50, id="one-on-a-card"),
        pytest.param(
            Role.DOCUMENT, [PORTRAIT, MadeUpFace(left=75, width=40)], 50, id="a-second-print-in-the-middle"
        ),
        pytest.param(Role.LIVE, [MadeUpFace(left=50)], 60, id="one-at-the-desk"),
        pytest.param(
            Role.LIVE, [MadeUpFace(left=50), MadeUpFace(left=120, width=20)], 60, id="somebody-far-behind"
        ),
    ],
)
def test_whose_face_is_meant(role: Role, faces: list[MadeUpFace], meant: float) -> None:
    assert choose_for(role, seen(*faces), frame_size=SIZE).face.box.width == meant


@pytest.mark.parametrize(
    ("role", "faces"),
    [
        pytest.param(Role.DOCUMENT, [PORTRAIT, MadeUpFace(left=90, width=49)], id="two-documents"),
        pytest.param(Role.LIVE, [MadeUpFace(), MadeUpFace(left=90, width=50)], id="two-guests"),
        pytest.param(Role.LIVE, [MadeUpFace(), MadeUpFace(left=100, width=40)], id="one-a-little-behind"),
    ],
)
def test_faces_of_like_size_are_refused(role: Role, faces: list[MadeUpFace]) -> None:
    with pytest.raises(SeveralFaces, match="2 faces of like size"):
        choose_for(role, seen(*faces), frame_size=SIZE)


@pytest.mark.parametrize("role", list(Role))
def test_nobody_is_nobody(role: Role) -> None:
    with pytest.raises(NoFaceFound):
        choose_for(role, [], frame_size=SIZE)


def test_on_a_document_a_swollen_box_does_not_rival_the_portrait() -> None:
    """A detector's box around a faint second print can be as large as the portrait's."""
    portrait, second = seen(PORTRAIT, MadeUpFace(left=75, width=39))
    box = dataclasses.replace(second.face.box, right=second.face.box.left + 50)
    swollen = dataclasses.replace(second, face=dataclasses.replace(second.face, box=box))
    chosen = choose_for(Role.DOCUMENT, [swollen, portrait], frame_size=SIZE)
    assert chosen is portrait


@given(
    st.lists(st.floats(20, 100), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
    st.floats(0, 60),
)
def test_on_a_document_place_and_order_say_nothing(widths: list[float], random: object, left: float) -> None:
    faces = seen(*(MadeUpFace(left=left * number, width=width) for number, width in enumerate(widths)))
    ranked = sorted(widths, reverse=True)
    random.shuffle(faces)  # type: ignore[attr-defined]
    # float32 points: a rival exactly at the limit may fall on either side.
    if len(ranked) > 1 and abs(ranked[1] / ranked[0] - DOCUMENT_LIKE_SIZE) < 1e-3:
        return
    if len(ranked) > 1 and ranked[1] >= DOCUMENT_LIKE_SIZE * ranked[0]:
        with pytest.raises(SeveralFaces):
            choose_for(Role.DOCUMENT, faces, frame_size=SIZE)
    else:
        chosen = choose_for(Role.DOCUMENT, faces, frame_size=SIZE)
        assert chosen.face.box.width == pytest.approx(ranked[0])


@pytest.mark.parametrize(
    ("faces", "quality", "acceptable", "says", "codes"),
    [
        pytest.param([MadeUpFace(quality=80)], 80, True, "", (), id="good"),
        pytest.param(
            [MadeUpFace(quality=40)], 40, True, "It is blurred. Hold still.", ("blurred",), id="poor"
        ),
        pytest.param(
            [MadeUpFace(quality=29)],
            29,
            False,
            "It is blurred. Hold still.",
            ("blurred",),
            id="below-the-gate",
        ),
        pytest.param([], None, False, "No face was found", ("no-face-found",), id="nobody"),
        pytest.param(
            [MadeUpFace(), MadeUpFace(left=90)],
            None,
            False,
            "2 faces of like size",
            ("several-faces",),
            id="two-people",
        ),
    ],
)
def test_what_is_reported(
    faces: list[MadeUpFace], quality: int | None, acceptable: bool, says: str, codes: tuple[str, ...]
) -> None:
    look = look_at(Role.LIVE, seen(*faces), frame_size=SIZE, gate=GATE)
    assert look.report.role is Role.LIVE
    assert look.report.quality == quality
    assert look.report.codes == codes
    assert look.acceptable is acceptable
    assert (look.observation is None) is (quality is None)
    assert says in " ".join(look.report.reasons)
    assert bool(look.report.reasons) is bool(says)


def test_what_is_wrong_comes_with_what_to_do() -> None:
    look = look_at(Role.DOCUMENT, seen(PORTRAIT, MadeUpFace(left=90, width=50)), frame_size=SIZE, gate=GATE)
    assert "Put one document in the picture" in look.report.reasons[1]


def test_a_look_does_not_show_its_face_in_repr() -> None:
    assert "observation" not in repr(look_at(Role.LIVE, seen(MadeUpFace()), frame_size=SIZE, gate=GATE))
