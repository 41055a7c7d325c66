from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from countenance.scenes import SpecimenHolder, draw_specimen_card
from countenance.scenes.specimen import machine_readable_lines


def portrait(size: tuple[int, int] = (400, 500), colour: tuple[int, int, int] = (40, 160, 90)) -> bytes:
    encoded = BytesIO()
    Image.new("RGB", size, colour).save(encoded, format="PNG")
    return encoded.getvalue()


def drawn(encoded: bytes) -> np.ndarray:
    with Image.open(BytesIO(encoded)) as picture:
        picture.load()
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB"))


def check_digit(text: str) -> int:
    """ICAO 9303 part 3, section 4.9, written down a second time."""
    value = {**{str(d): d for d in range(10)}, **{chr(65 + n): 10 + n for n in range(26)}, "<": 0}
    return sum(value[c] * (7, 3, 1)[n % 3] for n, c in enumerate(text)) % 10


def test_the_card_has_the_size_of_a_card() -> None:
    assert drawn(draw_specimen_card(portrait())).shape == (638, 1012, 3)


def test_the_same_portrait_gives_the_same_card() -> None:
    assert draw_specimen_card(portrait()) == draw_specimen_card(portrait())


def test_the_portrait_stands_on_it() -> None:
    card = drawn(draw_specimen_card(portrait(colour=(10, 200, 10))))
    face = card[200:300, 150:250].reshape(-1, 3).astype(int)
    assert np.median(face[:, 1]) > 150
    assert np.median(face[:, 0]) < 60


def test_the_part_that_is_asked_for_stands_on_it() -> None:
    """Left half red, right half blue; the right half is asked for."""
    picture = Image.new("RGB", (400, 500), (220, 20, 20))
    picture.paste((20, 20, 220), (200, 0, 400, 500))
    encoded = BytesIO()
    picture.save(encoded, format="PNG")
    card = drawn(draw_specimen_card(encoded.getvalue(), part=(0.5, 0.0, 1.0, 0.5)))
    face = card[150:300, 80:320].reshape(-1, 3).astype(int)
    assert np.median(face[:, 2]) > 180
    assert np.median(face[:, 0]) < 60


@pytest.mark.parametrize("part", [(0.5, 0, 0.5, 1), (0, 0.6, 1, 0.5), (-0.1, 0, 1, 1), (0, 0, 1.1, 1)])
def test_a_part_outside_the_picture_is_refused(part: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="part"):
        draw_specimen_card(portrait(), part=part)


def test_specimen_stands_across_it() -> None:
    """The watermark reddens the paper on a band from the lower left to the upper right."""
    card = drawn(draw_specimen_card(portrait())).astype(int)
    redder = (card[100:510, 380:, 0] - card[100:510, 380:, 2]) > 20
    assert redder.sum() > 5_000


def test_the_watermark_leaves_the_face_whole() -> None:
    plain = drawn(draw_specimen_card(portrait(colour=(128, 128, 128)))).astype(int)
    face = plain[140:420, 70:330]
    assert np.abs(face - 128).max() < 20


def test_what_is_not_a_picture_is_refused() -> None:
    with pytest.raises(OSError, match="identify"):
        draw_specimen_card(b"no picture")


class TestMachineReadableLines:
    """Three lines of a TD1 card, ICAO 9303 part 5."""

    def test_the_example_of_icao_9303(self) -> None:
        """ICAO 9303 part 5, appendix A: the specimen of Utopia (its sex F stands where ours states none)."""
        holder = SpecimenHolder("ERIKSSON", "ANNA MARIA", "D23145890", "740812", "120415")
        upper, middle, names = machine_readable_lines(holder)
        assert upper == "I<UTOD231458907<<<<<<<<<<<<<<<"
        assert middle == "7408122<1204159UTO<<<<<<<<<<<6"
        assert names == "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"

    @given(
        number=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=9),
        born=st.dates().map(lambda day: day.strftime("%y%m%d")),
        surname=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=40),
    )
    def test_lines_have_thirty_letters_and_right_digits(self, number: str, born: str, surname: str) -> None:
        holder = SpecimenHolder(surname=surname, number=number, born=born)
        upper, middle, names = machine_readable_lines(holder)
        assert [len(line) for line in (upper, middle, names)] == [30, 30, 30]
        assert int(upper[14]) == check_digit(upper[5:14])
        assert int(middle[6]) == check_digit(middle[:6])
        assert int(middle[14]) == check_digit(middle[8:14])
        assert int(middle[29]) == check_digit(upper[5:30] + middle[:7] + middle[8:15] + middle[18:29])

    def test_no_real_state_is_named(self) -> None:
        assert all(line[2:5] == "UTO" for line in machine_readable_lines(SpecimenHolder())[:1])
