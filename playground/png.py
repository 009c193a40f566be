"""Makes a screenshot smaller: at most 256 colours, the rarer ones replaced by their nearest (RFC 2083)."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTH = 8  # bits, for the image read and the one written
_TRUECOLOUR, _PALETTE, _WITH_ALPHA = 2, 3, 6
_COLOURS, _FREQUENT = 256, 176  # the other colours of a palette are those farthest from the frequent ones

Bytes = NDArray[np.uint8]


def smaller(image: bytes) -> bytes:
    """Give a PNG of at most 256 colours that looks like ``image``; raises ValueError unless that is 8-bit RGB(A)."""
    pixels = _pixels(image)
    height, width, _ = pixels.shape
    palette, indices = _reduced(pixels.reshape(-1, 3))
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter, 0 for none
    rows[:, 1:] = indices.reshape(height, width)
    head = struct.pack(">IIBBBBB", width, height, _DEPTH, _PALETTE, 0, 0, 0)
    chunks = (
        (b"IHDR", head),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _pixels(image: bytes) -> Bytes:
    """Give the pixels, height x width x 3; transparency is left out."""
    if not image.startswith(_SIGNATURE):
        raise ValueError("this is no PNG")
    head, data, at = b"", b"", len(_SIGNATURE)
    while at < len(image):
        (length,) = struct.unpack_from(">I", image, at)
        name, chunk = image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        head, data = (chunk if name == b"IHDR" else head), (data + chunk if name == b"IDAT" else data)
        at += length + 12
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", head)
    if depth != _DEPTH or kind not in (_TRUECOLOUR, _WITH_ALPHA) or interlaced:
        raise ValueError("only PNGs of 8-bit RGB or RGBA, not interlaced, are read")
    channels = 3 if kind == _TRUECOLOUR else 4
    raw = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
    return _unfiltered(raw, channels).reshape(height, width, channels)[:, :, :3]


def _unfiltered(raw: Bytes, step: int) -> Bytes:
    """Undo the filter of each row: a byte was written as its difference to the left, the upper, or both."""
    rows = np.zeros((raw.shape[0] + 1, raw.shape[1] - 1), np.uint8)  # a row of zeros stands above the first
    for number, (kind, line) in enumerate(zip(raw[:, 0], raw[:, 1:], strict=True), start=1):
        above = rows[number - 1]
        if kind == 0:
            rows[number] = line
        elif kind == 1:
            rows[number] = line.reshape(-1, step).cumsum(axis=0, dtype=np.uint8).reshape(-1)
        elif kind == 2:
            rows[number] = line + above
        else:
            rows[number] = _slowly(int(kind), line.tolist(), above.tolist(), step)
    return rows[1:]


def _slowly(kind: int, line: list[int], above: list[int], step: int) -> Bytes:
    """Undo the filters whose bytes hang on the byte before: the average (3) and Paeth's predictor (4)."""
    done = [0] * step
    corner = [0] * step + above
    for index, value in enumerate(line):
        left, up, over = done[index], above[index], corner[index]
        guess = (left + up) // 2 if kind == 3 else _paeth(left, up, over)
        done.append((value + guess) & 0xFF)
    return np.array(done[step:], np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    sideways, down, across = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if sideways <= down and sideways <= across:
        return left
    return up if down <= across else corner


def _reduced(pixels: Bytes) -> tuple[Bytes, Bytes]:
    """Give a palette, and for each pixel the place of its nearest colour.

    Frequency alone would leave out a small emoji, so that the last places go to what is farthest from all others.
    """
    colours, which, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    wanted = colours.astype(np.int32)
    chosen = np.argsort(-counts, kind="stable")[:_FREQUENT].tolist()
    apart = np.stack([_apart(wanted, each) for each in chosen])
    while len(chosen) < min(_COLOURS, len(colours)):
        chosen.append(int(apart.min(axis=0).argmax()))
        apart = np.vstack([apart, _apart(wanted, chosen[-1])])
    return colours[chosen], apart.argmin(axis=0).astype(np.uint8)[which.reshape(-1)]


def _apart(colours: NDArray[np.int32], one: int) -> NDArray[np.int32]:
    """Give the squared distance of each colour to one of them."""
    return np.asarray(((colours - colours[one]) ** 2).sum(axis=1), np.int32)
