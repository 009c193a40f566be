"""A picture made smaller shows the same."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.png import smaller

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def paeth(left: int, up: int, corner: int) -> int:
    return min((left, up, corner), key=lambda one: abs(left + up - corner - one))


def filtered(pixels: np.ndarray, kinds: list[int]) -> bytes:
    """Write rows as a browser does, each by one of the five filters of RFC 2083."""
    height, width, channels = pixels.shape
    flat = pixels.reshape(height, width * channels).astype(int)
    out = bytearray()
    for y in range(height):
        out.append(kinds[y % len(kinds)])
        for x in range(width * channels):
            left = flat[y, x - channels] if x >= channels else 0
            up = flat[y - 1, x] if y else 0
            corner = flat[y - 1, x - channels] if y and x >= channels else 0
            guess = (0, left, up, (left + up) // 2, paeth(left, up, corner))[kinds[y % len(kinds)]]
            out.append((flat[y, x] - guess) % 256)
    return bytes(out)


def png(pixels: np.ndarray, kinds: list[int], kind: int, interlaced: int = 0) -> bytes:
    height, width, _ = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, interlaced)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(filtered(pixels, kinds))), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(*part) for part in parts)


def shown(image: bytes) -> np.ndarray:
    """Read a palette image whose rows carry no filter."""
    parts, at = {}, len(SIGNATURE)
    while at < len(image):
        (length,) = struct.unpack_from(">I", image, at)
        name, data = image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", image, at + 8 + length)[0] == zlib.crc32(name + data)
        parts[name] = data
        at += length + 12
    width, height = struct.unpack_from(">II", parts[b"IHDR"])
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return np.frombuffer(parts[b"PLTE"], np.uint8).reshape(-1, 3)[rows[:, 1:]]


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 4), min_size=1, max_size=5), st.sampled_from([2, 6]))
def test_a_picture_of_few_colours_keeps_each_of_them(seed: int, kinds: list[int], kind: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 7, 3 if kind == 2 else 4), np.uint8)
    assert (shown(smaller(png(pixels, kinds, kind))) == pixels[:, :, :3]).all()


def test_a_rare_but_lonely_colour_survives_beside_thousands_of_greys() -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    pixels[:, :, :] = np.arange(100)[None, :, None]
    pixels[:50, :, 0] += np.arange(50, dtype=np.uint8)[:, None]
    pixels[70, 70] = (255, 0, 200)
    after = shown(smaller(png(pixels, [1, 2], 2)))
    assert tuple(after[70, 70]) == (255, 0, 200)
    assert np.abs(after.astype(int) - pixels).max() < 32


def test_what_is_not_understood_is_refused_in_words() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    with pytest.raises(ValueError, match="no PNG"):
        smaller(b"GIF89a")
    with pytest.raises(ValueError, match="not interlaced"):
        smaller(png(pixels, [0], 2, interlaced=1))
