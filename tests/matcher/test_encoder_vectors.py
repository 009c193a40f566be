"""The encoder gives the same vectors as full precision, alone or in company, and survives any text."""

import asyncio
import json

import numpy as np
import pytest

from matcher.encoder import INNER_WIDTH, MODEL_DIR, WIDTH, Encoder, EncoderMissingError
from matcher.tokenizer import MAX_TOKENS, Tokenizer

SHORT = "Three emails and still no reply"
POISON = ("", " ", "\ud800 lone", "nul\x00here", "\x00", "a" * 1_000_000, "no " * 200_000, "😡" * 5_000, "\u2028\u0085")


@pytest.fixture(scope="module")
def encoder():
    with Encoder() as encoder:
        yield encoder


def test_the_int8_graph_stays_close_to_full_precision(encoder: Encoder) -> None:
    """Stored vectors of the full-precision network keep a cosine of at least 0.97 to the shipped graph's."""
    rows = json.loads((MODEL_DIR / "encoder.reference.json").read_text("utf-8"))
    expected = np.array([row["vector"] for row in rows], np.float32)
    cosines = (encoder.encode([row["text"] for row in rows]) * expected).sum(axis=1)
    assert cosines.min() > 0.97
    assert cosines.mean() > 0.985


def test_vectors_are_of_unit_length(encoder: Encoder) -> None:
    """Every vector has 384 numbers and length 1."""
    vectors = encoder.encode([SHORT, "ok"])
    assert vectors.shape == (2, WIDTH)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-3)


def test_a_post_has_one_vector_whatever_arrives_with_it(encoder: Encoder) -> None:
    """Neighbours, short or long, change nothing: not even the last bit."""
    alone = encoder.layers([SHORT])[0]
    others = ["lovely pint", "word " * 300, *(f"post number {n}" for n in range(40))]
    for place in (0, 20, len(others)):
        company = [*others[:place], SHORT, *others[place:]]
        assert np.array_equal(encoder.layers(company)[place], alone)


def test_the_vector_is_the_same_in_another_process_of_work(encoder: Encoder) -> None:
    """A second encoder with one worker gives the same bits as the first with two."""
    texts = [SHORT, "Wo bleibt mein Paket?", "ok"] * 20
    with Encoder(workers=1) as single:
        assert np.array_equal(single.encode(texts), encoder.encode(texts))


def test_layers_begin_with_the_vector(encoder: Encoder) -> None:
    """``layers`` holds the vector of ``encode`` first and the inner layers after it."""
    layers = encoder.layers([SHORT])
    assert layers.shape == (1, WIDTH + INNER_WIDTH)
    assert np.array_equal(layers[:, :WIDTH], encoder.encode([SHORT]))


def test_close_meanings_are_closer_than_distant_ones(encoder: Encoder) -> None:
    """The vectors tell a lost parcel from a sunny day."""
    lost, missing, sunny = encoder.encode(["my parcel is lost", "my package never arrived", "sunny day at the beach"])
    assert lost @ missing > lost @ sunny + 0.2


@pytest.mark.parametrize("text", POISON, ids=repr)
def test_poison_gets_a_vector_of_numbers(encoder: Encoder, text: str) -> None:
    """No text breaks the encoder or its neighbours."""
    vectors = encoder.layers([text, SHORT])
    assert np.isfinite(vectors).all()
    assert np.array_equal(vectors[1], encoder.layers([SHORT])[0])


def test_no_text_gives_no_vector(encoder: Encoder) -> None:
    """An empty batch is answered with an empty array."""
    assert encoder.encode([]).shape == (0, WIDTH)


def test_short_texts_are_not_padded() -> None:
    """A short post costs as many tokens as it has: the published tokenizer pads each to 128."""
    ids = Tokenizer(MODEL_DIR).ids(["ok", "word " * 1000])
    assert len(ids[0]) == 3
    assert len(ids[1]) == MAX_TOKENS


async def test_embedding_leaves_the_event_loop_free(encoder: Encoder) -> None:
    """While a thousand texts are encoded the loop keeps turning."""
    work = asyncio.create_task(encoder.embed([f"{SHORT} {n}" for n in range(300)]))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await work).shape == (300, WIDTH)
    assert turns > 10


def test_a_missing_graph_names_the_next_step(tmp_path) -> None:
    """Without its files the encoder says which is missing and what to do."""
    with pytest.raises(EncoderMissingError, match=r"encoder\.int8\.onnx is missing: run `make model`"):
        Encoder(tmp_path)
