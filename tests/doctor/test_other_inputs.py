"""Rows with other words."""

import torch

from wordfit.doctor.experiments.answers.other_inputs import other_words

TRIPLES = torch.tensor([[40, 0, 41], [42, 1, 43], [44, 2, 45], [46, 1, 47]])


def test_fields_are_exchanged_within_their_places():
    changed = other_words(TRIPLES, torch.arange(4), 0, None)
    assert not torch.equal(changed, TRIPLES)
    for place in range(3):
        assert set(changed[:, place].tolist()) <= set(TRIPLES[:, place].tolist())
    turned = other_words(TRIPLES.t().contiguous(), torch.arange(4), 1, None)  # (3, rows)
    assert torch.equal(turned.t(), changed)


def test_padding_stays_where_it_is_and_is_not_handed_out():
    texts = torch.tensor([[5, 6, 7, 8, 9, 0], [3, 4, 0, 0, 0, 0]])
    for ids in (texts, texts[:, :3]):
        assert torch.equal(other_words(ids, torch.arange(2), 0, 0) == 0, ids == 0)


def test_a_word_of_several_numbers_is_exchanged_as_a_whole():
    words = torch.tensor([[[90, 5, 1], [91, 6, 2], [0, 0, 0]], [[92, 7, 0], [93, 8, 3], [94, 9, 4]]])
    whole = {tuple(word) for row in words.tolist() for word in row}
    for axis in (0, 1):
        changed = other_words(words.transpose(0, axis).contiguous(), torch.arange(2), axis, 0).transpose(0, axis)
        assert not torch.equal(changed, words)
        assert {tuple(word) for row in changed.tolist() for word in row} <= whole
        assert torch.equal((changed == 0).all(2), (words == 0).all(2))
