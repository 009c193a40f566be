"""The encoder gives the same vectors as full precision, alone or in company, and survives any text."""

import asyncio
import json

import numpy as np
import pytest

from matcher.encoder import MODEL_DIR, WIDTH, Encoder, EncoderFilesError, Vectors
from matcher.tokenizer import MAX_TOKENS, Tokenizer

SHORT = "Three emails and still no reply"
POISON = ("", " ", "\ud800 lone", "nul\x00here", "\x00", "a" * 1_000_000, "no " * 200_000, "😡" * 5_000, "\u2028\u0085")


@pytest.fixture(scope="module")
def encoder():
    with Encoder() as encoder:
        yield encoder


def test_the_int8_graph_stays_close_to_full_precision(encoder: Encoder) -> None:
    """Stored vectors of the full-precision network keep a cosine of at least 0.97 to the shipped graph's."""
    texts, expected, _ = reference()
    cosines = (encoder.encode(texts) * expected).sum(axis=1)
    assert cosines.min() > 0.97
    assert cosines.mean() > 0.985


def test_the_tuned_int8_network_stays_close_to_full_precision(encoder: Encoder) -> None:
    """What the complaint heads read keeps a cosine of at least 0.98 to the full-precision network's."""
    texts, _, expected = reference()
    vectors = encoder.meant(texts)
    cosines = (vectors * expected).sum(axis=1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(expected, axis=1)
    assert cosines.min() > 0.98
    assert cosines.mean() > 0.99


def reference() -> tuple[list[str], Vectors, Vectors]:
    """Return texts, and both networks' stored full-precision vectors of them."""
    rows = json.loads((MODEL_DIR / "encoder.reference.json").read_text("utf-8"))
    vectors, tuned = (np.array([row[name] for row in rows], np.float32) for name in ("vector", "tuned"))
    return [row["text"] for row in rows], vectors, tuned


def test_vectors_are_of_unit_length(encoder: Encoder) -> None:
    """Every vector has 384 numbers and length 1."""
    vectors = encoder.encode([SHORT, "ok"])
    assert vectors.shape == (2, WIDTH)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-3)


def test_a_post_has_one_vector_whatever_arrives_with_it(encoder: Encoder) -> None:
    """Neighbours, short or long, change nothing: not even the last bit."""
    alone = encoder.meant([SHORT])[0]
    others = ["lovely pint", "word " * 300, *(f"post number {n}" for n in range(40))]
    for place in (0, 20, len(others)):
        company = [*others[:place], SHORT, *others[place:]]
        assert np.array_equal(encoder.meant(company)[place], alone)


def test_the_vector_is_the_same_in_another_process_of_work(encoder: Encoder) -> None:
    """A second encoder with one worker gives the same bits as the first with two."""
    texts = [SHORT, "Wo bleibt mein Paket?", "ok"] * 20
    with Encoder(workers=1) as single:
        assert np.array_equal(single.encode(texts), encoder.encode(texts))


def test_both_networks_may_be_asked_in_any_order(encoder: Encoder) -> None:
    """What a text is about and how it is meant are two vectors; asking for one changes nothing in the other."""
    about, meant = encoder.encode([SHORT]), encoder.meant([SHORT])
    assert about.shape == meant.shape == (1, WIDTH)
    assert not np.allclose(about, meant, atol=0.1)
    assert np.array_equal(encoder.encode([SHORT]), about)


def test_close_meanings_are_closer_than_distant_ones(encoder: Encoder) -> None:
    """The vectors tell a lost parcel from a sunny day."""
    lost, missing, sunny = encoder.encode(["my parcel is lost", "my package never arrived", "sunny day at the beach"])
    assert lost @ missing > lost @ sunny + 0.2


@pytest.mark.parametrize("text", POISON, ids=repr)
def test_poison_gets_a_vector_of_numbers(encoder: Encoder, text: str) -> None:
    """No text breaks the encoder or its neighbours."""
    for vectors_of in (encoder.encode, encoder.meant):
        vectors = vectors_of([text, SHORT])
        assert np.isfinite(vectors).all()
        assert np.array_equal(vectors[1], vectors_of([SHORT])[0])


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
    with pytest.raises(EncoderFilesError, match=r"encoder\.int8\.onnx is missing: run `make model`"):
        Encoder(tmp_path)
