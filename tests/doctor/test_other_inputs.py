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
