"""Signs: what they say fits on the sheet, the code is read by another's reader, the file is its own proof."""

from __future__ import annotations

import importlib
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.authority.notices import (
    LANGUAGES,
    Part,
    PrintingNotInstalled,
    SignMade,
    SignNotCurrent,
    SignTooLong,
    phrase,
    read_sign,
    sheet_of,
    sign_notice,
    sign_of,
    sign_pdf,
    sign_svg,
)
from countenance.authority.notices.drawing import Line, Polygon, Rectangle
from countenance.authority.notices.lettering import lines_of, runs_of, width_of
from countenance.authority.notices.pictograms import SIDE, pictogram
from countenance.authority.notices.signs import HEIGHT, WIDTH, Sheet
from countenance.authority.records import Pictogram
from countenance.store import PublicVerifier
from drafted_notices import NOON, OTHER_SIGNER, SIGNER, filled, incomplete, sign_made
from qr_codes import read_code

PUBLIC = PublicVerifier(SIGNER.public_jwk())
KINDS = pytest.mark.parametrize("kind", list(Pictogram))
HAN_FONT = Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")


def paint(sheet: Sheet, *, scale: int = 6) -> NDArray[np.uint8]:
    """Draw the black rectangles of a sheet: its code and nothing else is black."""
    pixels = np.full((int(HEIGHT * scale), int(WIDTH * scale)), 255, dtype=np.uint8)
    for shape in sheet.shapes:
        if isinstance(shape, Rectangle) and shape.colour == "#000000":
            top, left = round(shape.y * scale), round(shape.x * scale)
            bottom, right = round((shape.y + shape.height) * scale), round((shape.x + shape.width) * scale)
            pixels[top:bottom, left:right] = 0
    return pixels


def with_texts(**texts: str) -> SignMade:
    draft = filled(incomplete())
    changed = {Part(name): {"en": text, "zh": text} for name, text in texts.items()}
    draft = replace(draft, texts={**draft.texts, **changed})
    notice = sign_notice(SIGNER, draft, deployment="dep_1", issued_at=NOON, demo=False)
    return sign_of(SIGNER, notice, place="plc_1", devices=("dev_1",), link="urn:x:y", made_at=NOON)


@KINDS
def test_everything_lies_on_the_sheet_and_above_the_code(kind: Pictogram) -> None:
    sheet = sheet_of(sign_made(kind=kind))
    for line in sheet.texts:
        assert line.x >= 10
        assert line.x + line.width <= WIDTH - 10, line.text
        assert line.size <= line.y <= HEIGHT - 10
        assert line.size >= 3.0
    ordered = sorted(line.y for line in sheet.texts if line.x > 50 and line.y < HEIGHT - 72)
    assert ordered[-1] < HEIGHT - 68


@KINDS
def test_it_says_what_its_notice_says_in_both_languages(kind: Pictogram) -> None:
    made = sign_made(kind=kind, demo=True)
    said = "".join(line.text.replace(" ", "") for line in sheet_of(made).texts)
    for language in LANGUAGES:
        assert phrase("heading", kind, language).replace(" ", "") in said
        assert phrase("sign", "demo", language).replace(" ", "") in said
        for part in (Part.PURPOSE, Part.KEEPER, Part.RETENTION, Part.ALTERNATIVE, Part.APPEAL):
            for word in lines_of(made.notice.text(part, language), size=1, width=1e6):
                assert word.replace(" ", "") in said
    assert made.sign.sign_id in said
    assert made.sign.version_id[:32] in said


@pytest.mark.parametrize("link", ["https://hotel.example/notice/", "urn:countenance:notice:"])
def test_the_code_leads_to_the_version_of_the_notice(link: str) -> None:
    made = sign_made(link=link)
    assert read_code(paint(sheet_of(made))) == made.sign.link == f"{link}{made.notice.version_id}"


@pytest.mark.parametrize("write", [sign_svg, sign_pdf])
@KINDS
def test_the_file_says_what_it_is_and_anybody_can_check_it(kind: Pictogram, write: object) -> None:
    made = sign_made(kind=kind)
    file = write(sheet_of(made))  # type: ignore[operator]
    assert read_sign(PUBLIC, file) == made.sign
    assert file == write(sheet_of(made))  # type: ignore[operator]
    with pytest.raises(SignNotCurrent):
        read_sign(OTHER_SIGNER, file)


@given(data=st.data())
def test_a_statement_that_is_changed_is_refused(data: st.DataObject) -> None:
    file = sign_svg(sheet_of(sign_made()))
    begin = file.index(b"countenance-sign:") + len(b"countenance-sign:")
    end = file.index(b"<", begin)
    index = data.draw(st.integers(begin, end - 1))
    letter = data.draw(st.sampled_from(b"ABCxyz019-_"))
    if letter == file[index]:
        return
    with pytest.raises(SignNotCurrent):
        read_sign(SIGNER, file[:index] + bytes([letter]) + file[index + 1 :])


def test_a_file_with_no_statement_or_two_is_no_sign() -> None:
    with pytest.raises(SignNotCurrent, match="isn't a sign"):
        read_sign(SIGNER, b"<svg/>")
    both = sign_svg(sheet_of(sign_made())) + sign_svg(sheet_of(sign_made(kind=Pictogram.COUNT)))
    with pytest.raises(SignNotCurrent, match="isn't a sign"):
        read_sign(SIGNER, both)
    bare = SIGNER.sign({"sign_id": "x"}, kind="countenance-sign+jws")
    with pytest.raises(SignNotCurrent, match="form"):
        read_sign(SIGNER, f"countenance-sign:{bare}".encode())


def test_svg_is_one_file_with_its_texts_as_text() -> None:
    made = sign_made()
    root = ET.fromstring(sign_svg(sheet_of(made)))  # noqa: S314 - our own file
    assert root.attrib["width"] == "210mm"
    space = "{http://www.w3.org/2000/svg}"
    texts = [element.text for element in root.iter(f"{space}text")]
    assert texts == [line.text for line in sheet_of(made).texts]
    assert not [e for e in root.iter() if e.tag.removeprefix(space) in {"script", "image", "foreignObject"}]
    hrefs = [name for e in root.iter() for name in e.attrib if name.endswith("href")]
    assert hrefs == []


def test_texts_are_escaped() -> None:
    made = with_texts(keeper='<script>"&')
    root = ET.fromstring(sign_svg(sheet_of(made)))  # noqa: S314 - our own file
    assert '<script>"&' in [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]


def test_long_texts_get_smaller_letters_and_too_long_ones_are_refused_by_name() -> None:
    short = max(line.size for line in sheet_of(with_texts()).texts if line.x > 50 and line.y > 90)
    longer = with_texts(alternative="A person looks at the document instead. " * 5)
    body = [line.size for line in sheet_of(longer).texts if line.x > 50 and 90 < line.y < HEIGHT - 70]
    assert 4.2 <= min(body) < short
    with pytest.raises(SignTooLong, match="alternative and retention"):
        sheet_of(with_texts(alternative="A person looks. " * 90, retention="Not kept. " * 40))


def test_a_sign_is_another_one_for_other_devices_or_another_version() -> None:
    made = sign_made()
    same = sign_of(
        SIGNER, made.notice, place=made.sign.place, devices=made.sign.devices * 2, link="x", made_at=NOON
    )
    other = sign_of(
        SIGNER, made.notice, place=made.sign.place, devices=("dev_other",), link="x", made_at=NOON
    )
    assert same.sign.sign_id == made.sign.sign_id != other.sign.sign_id


@pytest.mark.skipif(not HAN_FONT.exists(), reason="needs Debian's fonts-wqy-zenhei")
def test_a_font_that_is_named_is_put_into_the_file() -> None:
    sheet = sheet_of(sign_made())
    assert b"STSong" in sign_pdf(sheet)
    own = sign_pdf(sheet, font=HAN_FONT)
    assert b"STSong" not in own
    assert b"FontFile2" in own
    assert read_sign(PUBLIC, own) == sheet.made.sign


def test_a_font_that_isnt_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"nothing")
    for path in (tmp_path / "font.ttf", tmp_path / "missing.ttf"):
        with pytest.raises(PrintingNotInstalled, match="font"):
            sign_pdf(sheet_of(sign_made()), font=path)


def test_without_the_library_pdf_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "reportlab.pdfgen.canvas", None)
    with pytest.raises(PrintingNotInstalled) as refused:
        sign_pdf(sheet_of(sign_made()))
    assert "countenance[print]" in refused.value.remedy


def test_the_three_pictograms_differ_and_stay_in_their_square() -> None:
    drawn = {kind: pictogram(kind, colour="#000") for kind in Pictogram}
    assert len(set(drawn.values())) == 3
    for shapes in drawn.values():
        for shape in shapes:
            if isinstance(shape, Polygon):
                points = list(shape.points)
            elif isinstance(shape, Line):
                points = [(shape.x1, shape.y1), (shape.x2, shape.y2)]
            else:
                points = [(shape.x, shape.y)]
            assert all(0 <= x <= SIDE and 0 <= y <= SIDE for x, y in points)


# Lettering.


@example(text="WWWWWW .", width=17.0)
@given(text=st.text(alphabet=" abcdefg,.，。人脸识别W", max_size=200), width=st.floats(8, 60))  # noqa: RUF001
def test_lines_hold_the_whole_text_and_are_no_wider_than_told(text: str, width: float) -> None:
    lines = lines_of(text, size=3, width=width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert width_of(line, 3) <= width + 3  # a closing mark may hang over by one character
        assert line == line.strip() != ""


def test_a_closing_mark_doesnt_begin_a_line() -> None:
    lines = lines_of("人脸识别人脸。人脸", size=1, width=6)
    assert lines == ("人脸识别人", "脸。人脸")


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("", ()),
        ("abc", (("abc", False),)),
        ("人脸", (("人脸", True),)),
        ("最长30天", (("最长", True), ("30", False), ("天", True))),
    ],
)
def test_runs_are_of_one_font_each(text: str, runs: tuple[tuple[str, bool], ...]) -> None:
    assert runs_of(text) == runs


def test_widths_are_those_of_helvetica() -> None:
    metrics = importlib.import_module("reportlab.pdfbase.pdfmetrics")
    text = "".join(map(chr, range(32, 127)))
    for letter in text:
        assert width_of(letter, 1000) == pytest.approx(metrics.stringWidth(letter, "Helvetica", 1000))
