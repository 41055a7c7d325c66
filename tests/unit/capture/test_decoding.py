from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from countenance.capture import (
    CaptureLimits,
    NotAPicture,
    PictureDamaged,
    PictureMoves,
    PictureRefused,
    PictureTooLarge,
    PictureTooSmall,
    decode,
)
from countenance.kernel import Family
from pictures import HEIGHT, WIDTH, encode, png, png_with_header, quadrants

LIMITS = CaptureLimits(smallest_side=16)


def corners(pixels: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """The colours near the four corners, row by row."""
    height, width = pixels.shape[:2]
    places = [(8, 8), (8, width - 9), (height - 9, 8), (height - 9, width - 9)]
    return [tuple(int(value) for value in pixels[place]) for place in places]


RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


class TestFormats:
    @pytest.mark.parametrize(
        ("kind", "options"),
        [
            pytest.param("PNG", {}, id="png"),
            pytest.param("BMP", {}, id="bmp"),
            pytest.param("WEBP", {"lossless": True}, id="webp"),
        ],
    )
    def test_lossless_formats_come_back_exactly(self, kind: str, options: dict[str, object]) -> None:
        pixels = decode(encode(Image.fromarray(quadrants()), kind, **options), limits=LIMITS)
        assert np.array_equal(pixels, quadrants())

    def test_a_jpeg_comes_back_nearly(self) -> None:
        data = encode(Image.fromarray(quadrants()), "JPEG", quality=95, subsampling=0)
        found = decode(data, limits=LIMITS).astype(int)
        assert np.abs(found - quadrants()).mean() < 3

    def test_the_first_picture_of_a_telephones_mpo_is_taken(self) -> None:
        first, second = Image.fromarray(quadrants()), Image.new("RGB", (WIDTH, HEIGHT), (9, 9, 9))
        data = encode(first, "MPO", save_all=True, append_images=[second], quality=95)
        found = decode(data, limits=LIMITS).astype(int)
        assert np.abs(found - quadrants()).mean() < 6

    def test_the_array_is_ours(self) -> None:
        pixels = decode(png(quadrants()), limits=LIMITS)
        assert pixels.dtype == np.uint8
        assert pixels.flags.c_contiguous
        assert pixels.flags.writeable

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"no picture at all", id="text"),
            pytest.param(b"%PDF-1.7\n" + b"x" * 200, id="pdf"),
            pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
            pytest.param(encode(Image.new("RGB", (64, 64)), "TIFF"), id="tiff"),
            pytest.param(encode(Image.new("L", (64, 64)), "GIF"), id="gif"),
            pytest.param(encode(Image.new("RGB", (64, 64)), "PPM"), id="ppm"),
            pytest.param(encode(Image.new("RGB", (64, 64)), "ICO"), id="ico"),
        ],
    )
    def test_anything_else_is_no_picture(self, data: bytes) -> None:
        with pytest.raises(NotAPicture):
            decode(data, limits=LIMITS)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_a_moving_picture_is_refused(self, kind: str) -> None:
        frames = [Image.new("RGB", (64, 64), (shade, 0, 0)) for shade in (10, 120, 240)]
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
        with pytest.raises(PictureMoves):
            decode(data, limits=LIMITS)


class TestOrientation:
    # What a picture stored with this EXIF orientation shows when upright, from the stored one
    # (EXIF 2.32, tag 274).
    STORED: tuple[tuple[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]], ...] = (
        (1, lambda upright: upright),
        (2, np.fliplr),
        (3, lambda upright: np.rot90(upright, 2)),
        (4, np.flipud),
        (5, lambda upright: np.transpose(upright, (1, 0, 2))),
        (6, lambda upright: np.rot90(upright, 1)),
        (7, lambda upright: np.rot90(np.transpose(upright, (1, 0, 2)), 2)),
        (8, lambda upright: np.rot90(upright, 3)),
    )

    @pytest.mark.parametrize(("orientation", "store"), STORED, ids=[str(row[0]) for row in STORED])
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_every_orientation_is_brought_upright(
        self, kind: str, orientation: int, store: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
    ) -> None:
        exif = Image.Exif()
        exif[274] = orientation
        stored = Image.fromarray(np.ascontiguousarray(store(quadrants())))
        options = {"lossless": True} if kind == "WEBP" else {}
        found = decode(encode(stored, kind, exif=exif, **options), limits=LIMITS)
        assert found.shape == (HEIGHT, WIDTH, 3)
        assert np.abs(found.astype(int) - quadrants()).mean() < 8

    @pytest.mark.parametrize("orientation", [0, 9, 77])
    def test_an_unknown_orientation_is_upright(self, orientation: int) -> None:
        exif = Image.Exif()
        exif[274] = orientation
        found = decode(png(quadrants(), exif=exif), limits=LIMITS)
        assert np.array_equal(found, quadrants())

    def test_broken_exif_is_no_reason_to_refuse(self) -> None:
        data = encode(Image.fromarray(quadrants()), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fbroken")
        assert decode(data, limits=LIMITS).shape == (HEIGHT, WIDTH, 3)


class TestColour:
    def test_grey_becomes_three_equal_channels(self) -> None:
        grey = np.tile(np.arange(0, 96, dtype=np.uint8), (72, 1))
        found = decode(encode(Image.fromarray(grey), "PNG"), limits=LIMITS)
        assert np.array_equal(found, np.repeat(grey[:, :, None], 3, axis=2))

    def test_sixteen_bit_grey_becomes_eight(self) -> None:
        wide = (np.tile(np.arange(0, 96, dtype=np.uint16), (72, 1)) * 257).astype(np.uint16)
        found = decode(encode(Image.fromarray(wide), "PNG"), limits=LIMITS)
        assert np.array_equal(found[:, :, 0], (wide // 257).astype(np.uint8))

    def test_one_bit_becomes_black_and_white(self) -> None:
        found = decode(encode(Image.fromarray(quadrants()).convert("1"), "PNG"), limits=LIMITS)
        assert corners(found)[3] == WHITE
        assert set(np.unique(found)) <= {0, 255}

    def test_a_palette_is_looked_up(self) -> None:
        found = decode(encode(Image.fromarray(quadrants()).convert("P"), "PNG"), limits=LIMITS)
        assert corners(found) == [RED, GREEN, BLUE, WHITE]

    def test_a_palette_that_is_not_there_is_damage(self) -> None:
        whole = encode(Image.fromarray(quadrants()).convert("P"), "PNG")
        start = whole.index(b"PLTE") - 4
        (length,) = struct.unpack(">I", whole[start : start + 4])
        with pytest.raises(PictureDamaged):
            decode(whole[:start] + whole[start + 12 + length :], limits=LIMITS)

    def test_cmyk_becomes_rgb(self) -> None:
        data = encode(Image.fromarray(quadrants()).convert("CMYK"), "JPEG", quality=95, subsampling=0)
        found = decode(data, limits=LIMITS).astype(int)
        assert np.abs(found - quadrants()).mean() < 4

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_what_is_transparent_is_laid_on_white(self, kind: str) -> None:
        over = Image.fromarray(quadrants()).convert("RGBA")
        over.paste((0, 0, 0, 0), (0, 0, WIDTH // 2, HEIGHT // 2))
        over.paste((0, 0, 0, 128), (WIDTH // 2, 0, WIDTH, HEIGHT // 2))
        options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
        found = corners(decode(encode(over, kind, **options), limits=LIMITS))
        assert found[0] == WHITE
        assert found[1][0] == pytest.approx(127, abs=1)
        assert found[2:] == [BLUE, WHITE]

    def test_transparency_of_a_palette_is_laid_on_white(self) -> None:
        image = Image.fromarray(quadrants()).convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
        red = image.getpixel((2, 2))
        assert isinstance(red, int)
        found = corners(decode(encode(image, "PNG", transparency=red), limits=LIMITS))
        assert found == [WHITE, GREEN, BLUE, WHITE]

    def test_grey_with_alpha_is_laid_on_white(self) -> None:
        image = Image.new("LA", (WIDTH, HEIGHT), (0, 0))
        assert corners(decode(encode(image, "PNG"), limits=LIMITS)) == [WHITE] * 4


def swapped_profile() -> bytes:
    """A real matrix profile whose red and green primaries are exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data = bytearray(bytes(data).replace(b"rXYZ", b"tmp!", 1))
    data = bytearray(bytes(data).replace(b"gXYZ", b"rXYZ", 1).replace(b"tmp!", b"gXYZ", 1))
    return bytes(data).replace("sRGB".encode("utf-16-be"), "Test".encode("utf-16-be"))


class TestProfiles:
    def test_an_embedded_profile_is_brought_to_srgb(self) -> None:
        found = corners(decode(png(quadrants(), icc_profile=swapped_profile()), limits=LIMITS))
        assert found[0] == pytest.approx(GREEN, abs=3)
        assert found[1] == pytest.approx(RED, abs=3)
        assert found[3] == pytest.approx(WHITE, abs=3)

    def test_a_profile_counts_under_transparency_and_turn_too(self) -> None:
        exif = Image.Exif()
        exif[274] = 3
        over = Image.fromarray(np.ascontiguousarray(np.rot90(quadrants(), 2))).convert("RGBA")
        data = encode(over, "PNG", icc_profile=swapped_profile(), exif=exif)
        assert corners(decode(data, limits=LIMITS))[0] == pytest.approx(GREEN, abs=3)

    def test_srgb_itself_changes_nothing(self) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        assert np.array_equal(decode(png(quadrants(), icc_profile=profile), limits=LIMITS), quadrants())

    @pytest.mark.parametrize(
        "profile",
        [
            pytest.param(b"not a profile", id="not-a-profile"),
            pytest.param(swapped_profile()[:150], id="cut-off"),
            pytest.param(
                ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(), id="of-another-space"
            ),
        ],
    )
    def test_a_profile_that_can_not_be_used_is_left_out(self, profile: bytes) -> None:
        assert np.array_equal(decode(png(quadrants(), icc_profile=profile), limits=LIMITS), quadrants())

    def test_a_profile_whose_name_can_not_be_read_still_counts(self) -> None:
        profile = bytearray(swapped_profile())
        (count,) = struct.unpack(">I", profile[128:132])
        rows = (struct.unpack(">4sII", profile[132 + 12 * i : 144 + 12 * i]) for i in range(count))
        at, size = next((offset, size) for name, offset, size in rows if name == b"desc")
        # A version 2 description with a copyright sign, which isn't ASCII: found in real photographs.
        text = b"\xa9 Test\0"
        old = (b"desc" + bytes(4) + struct.pack(">I", len(text)) + text).ljust(size, b"\0")
        profile[at : at + size] = old
        with pytest.raises(ValueError, match="character"):
            _ = ImageCms.ImageCmsProfile(io.BytesIO(bytes(profile))).profile.profile_description
        found = corners(decode(png(quadrants(), icc_profile=bytes(profile)), limits=LIMITS))
        assert found[0] == pytest.approx(GREEN, abs=3)


class TestLimits:
    def test_too_many_bytes(self) -> None:
        data = png(quadrants())
        with pytest.raises(PictureTooLarge):
            decode(data, limits=CaptureLimits(largest_bytes=len(data) - 1, smallest_side=16))
        assert decode(data, limits=CaptureLimits(largest_bytes=len(data), smallest_side=16)).size

    def test_too_many_pixels(self) -> None:
        data = png(quadrants())
        with pytest.raises(PictureTooLarge):
            decode(data, limits=CaptureLimits(largest_pixels=WIDTH * HEIGHT - 1, smallest_side=16))
        assert decode(data, limits=CaptureLimits(largest_pixels=WIDTH * HEIGHT, smallest_side=16)).size

    def test_too_few_pixels(self) -> None:
        with pytest.raises(PictureTooSmall):
            decode(png(quadrants()), limits=CaptureLimits(smallest_side=HEIGHT + 1))
        assert decode(png(quadrants()), limits=CaptureLimits(smallest_side=HEIGHT)).size

    @pytest.mark.parametrize(
        ("width", "height"),
        [
            pytest.param(8_000, 8_000, id="above-our-limit"),
            pytest.param(10_000, 10_000, id="above-the-warning-of-the-decoder"),
            pytest.param(30_000, 30_000, id="above-the-limit-of-the-decoder"),
            pytest.param(2**31 - 1, 2**31 - 1, id="as-large-as-a-header-can-say"),
        ],
    )
    def test_a_bomb_is_refused_by_its_header(
        self, width: int, height: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def explode(*_: object) -> None:
            pytest.fail("a pixel of the bomb was decoded")

        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", explode)
        with pytest.raises(PictureTooLarge):
            decode(png_with_header(width, height), limits=LIMITS)

    @pytest.mark.parametrize("name", ["largest_bytes", "largest_pixels", "smallest_side"])
    def test_a_limit_is_positive(self, name: str) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            CaptureLimits(**{name: 0})


class TestDamage:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
    def test_a_file_cut_off_is_refused(self, kind: str, share: float) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (72, 96, 3), np.uint8)
        data = encode(Image.fromarray(noise), kind)
        with pytest.raises(PictureRefused):
            decode(data[: int(len(data) * share)], limits=LIMITS)

    def test_a_header_without_a_picture_is_damaged(self) -> None:
        with pytest.raises(PictureDamaged):
            decode(png_with_header(96, 72), limits=LIMITS)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
    def test_altered_bytes_are_decoded_or_refused_and_nothing_else(self, kind: str) -> None:
        source = random.Random(20261122)  # noqa: S311 - repeatable damage
        exif = Image.Exif()
        exif[274] = 6
        options = {} if kind == "BMP" else {"exif": exif, "icc_profile": swapped_profile()}
        whole = encode(Image.fromarray(quadrants()), kind, **options)
        refused = 0
        for _ in range(400):
            data = bytearray(whole)
            for _ in range(source.randint(1, 12)):
                data[source.randrange(len(data))] = source.randrange(256)
            try:
                assert decode(bytes(data), limits=LIMITS).ndim == 3
            except PictureRefused:
                refused += 1
        assert refused > 0

    @given(st.binary(max_size=400))
    @settings(max_examples=200, deadline=None)
    def test_no_bytes_do_anything_but_decode_or_be_refused(self, data: bytes) -> None:
        for start in (b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x90\0\0\0WEBPVP8 ", b"BM"):
            with pytest.raises(PictureRefused):
                decode(start + data, limits=LIMITS)

    def test_errors_are_the_callers_and_say_nothing_of_the_file(self) -> None:
        data = io.BytesIO(b"secret-name.jpg").getvalue()
        with pytest.raises(PictureRefused) as caught:
            decode(data, limits=LIMITS)
        assert caught.value.family is Family.CALLER
        assert "secret" not in caught.value.diagnostics()
