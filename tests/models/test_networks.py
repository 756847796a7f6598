"""Every network: padding and company change nothing, eight rows can be learned by heart, what is saved comes back."""

import json
import math

import pytest
import torch

from wordfit.embedding import WordEmbedding
from wordfit.errors import InputError
from wordfit.models import ENCODERS, PAIRINGS, build_network
from wordfit.models.pairings import ENCODED

WORDS, WIDTH = 30, 10
SMALL = {name: {"hidden": 16} for name in ("lstm", "gru", "bilstm", "bigru", "attention", "bilstm-attention")}
POOLED = [{"name": cell, "pool": p} for cell in ("lstm", "bigru") for p in ("last", "mean", "max", "attention")]
PLAIN = [{"name": name} for name in ENCODERS if name not in ("lstm", "bigru")]
TEXT = [{"encoder": encoder | SMALL.get(encoder["name"], {})} for encoder in PLAIN + POOLED]
PAIR = [
    {"pairing": {"name": p} | ({"encoder": {"name": "bilstm", "hidden": 16}} if p in ENCODED else SMALL.get(p, {}))}
    for p in PAIRINGS
]


def named(config):
    parts = config.get("encoder") or config["pairing"]
    return "-".join([parts["name"], *([parts["pool"]] if "pool" in parts else [])])


every_network = pytest.mark.parametrize("config", TEXT + PAIR, ids=named)
every_text_network = pytest.mark.parametrize("config", TEXT, ids=named)


def network(config, kind="classes", outputs=3, **head):
    torch.manual_seed(0)
    embedding = WordEmbedding(torch.randn(WORDS, WIDTH), sparse=False)
    config = json.loads(json.dumps(config | {"head": {"name": "mlp", "kind": kind, "outputs": outputs} | head}))
    return build_network(config, embedding, torch.rand(WORDS))


def texts(rows=8, longest=7, seed=0):
    """Ids (B, T) and mask (B, T): every length from 0 to `longest`, some rows mostly padding."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.arange(rows) % (longest + 1)
    mask = torch.arange(longest) < lengths.unsqueeze(1)
    return torch.randint(2, WORDS, (rows, longest), generator=generator) * mask, mask


def batch(config, rows=8):
    if "encoder" in config:
        return texts(rows)
    ids, mask = texts(rows, 5, seed=1)
    return *texts(rows), ids, mask


def answers(net, inputs):
    with torch.no_grad():
        return net.eval()(*inputs)


@every_network
def test_padding_reordering_and_company_change_nothing(config):
    net, inputs = network(config), batch(config)
    alone = torch.cat([answers(net, [part[i : i + 1] for part in inputs]) for i in range(8)])
    together = answers(net, inputs)
    padded = answers(net, [torch.nn.functional.pad(part, (0, 6)) for part in inputs])
    order = torch.randperm(8, generator=torch.Generator().manual_seed(2))
    reordered = answers(net, [part[order] for part in inputs])
    for other in (alone, padded, reordered[order.argsort()]):
        torch.testing.assert_close(other, together, atol=1e-5, rtol=1e-5)
    assert together[1:].std(dim=0).min() > 1e-3, "an output that never changes would pass too"


@every_network
def test_what_stands_in_the_padding_is_not_read(config):
    net, inputs = network(config), list(batch(config))
    before = answers(net, inputs)
    inputs[0] = torch.where(inputs[1], inputs[0], 5)
    torch.testing.assert_close(answers(net, inputs), before, atol=1e-5, rtol=1e-5)


@every_network
def test_eight_rows_are_learned_by_heart(config):
    net, inputs = network(config), batch(config)
    target = torch.arange(8) % 3
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(300):
        optimizer.zero_grad()
        net.head.loss(net.train()(*inputs), target).backward()
        optimizer.step()
        if step % 30 == 29 and torch.equal(net.head.predict(answers(net, inputs)), target):
            break
    assert net.head.predict(answers(net, inputs)).tolist() == target.tolist()


@every_network
def test_a_saved_network_answers_as_before(config):
    net, inputs = network(config), batch(config)
    again = network(config)
    for parameter in again.parameters():
        torch.nn.init.zeros_(parameter)
    again.load_state_dict(net.state_dict())
    assert torch.equal(answers(again, inputs), answers(net, inputs))


@every_network
def test_a_batch_of_empty_texts_gives_finite_answers_and_gradients(config):
    net = network(config)
    inputs = [torch.zeros_like(part) for part in batch(config)]
    net.head.loss(net(*inputs), torch.arange(8) % 3).backward()
    gradients = [p.grad for p in net.parameters() if p.grad is not None]
    assert gradients
    assert all(g.isfinite().all() for g in gradients)


@every_text_network
def test_order_matters_to_those_that_read_in_order(config):
    net, (ids, mask) = network(config), texts()
    turned = ids.clone()
    turned[7, :7] = ids[7, :7].flip(0)
    change = (answers(net, (turned, mask)) - answers(net, (ids, mask)))[7].abs().max()
    bag = config["encoder"]["name"] in ("mean", "max", "sif")
    assert change < 1e-6 if bag else change > 1e-4


def test_sif_weighs_words_as_the_paper_has_it():
    net = network({"encoder": {"name": "sif"}})
    ids = torch.tensor([[3, 4]])
    weights, vectors = net.word_weights, net.embedding.weight
    expected = (weights[3] * vectors[3] + weights[4] * vectors[4]) / 2
    found = net.encoder(net.embedding(ids), torch.ones(1, 2, dtype=torch.bool), weights[ids])
    torch.testing.assert_close(found[0], expected)


def test_a_cnn_is_kims_over_a_text_padded_on_both_sides():
    net = network({"encoder": {"name": "cnn", "windows": [3], "filters": 4}}).eval()
    ids = torch.tensor([[5, 6, 7, 8]])
    rows = torch.nn.functional.pad(net.embedding(ids)[0], (0, 0, 2, 2))
    filters = net.encoder.convolutions[0]
    windows = torch.stack([(rows[i : i + 3].T * filters.weight).sum((1, 2)) + filters.bias for i in range(6)])
    expected = windows.relu().amax(dim=0)
    found = net.encoder(net.embedding(ids), torch.ones(1, 4, dtype=torch.bool))[0]
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("longest", [8, 30])
def test_both_ways_agree_with_a_packed_bidirectional_layer(cell, longest):
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    from wordfit.models.recurrent import CELLS, Recurrent

    torch.manual_seed(0)
    ours, theirs = Recurrent(4, 5, cell, both=True), CELLS[cell](4, 5, batch_first=True, bidirectional=True)
    names = {"onward.0.": "_l0", "back.0.": "_l0_reverse"}
    state = {f"{p}{n}": getattr(theirs, n + end) for p, end in names.items() for n in ("weight_ih", "weight_hh")}
    state |= {f"{p}{n}": getattr(theirs, n + end) for p, end in names.items() for n in ("bias_ih", "bias_hh")}
    ours.load_state_dict({f"{name}_l0": value for name, value in state.items()})
    lengths = torch.tensor([3, longest, 1, 7])  # longest 30 is mostly padding: the packed branch
    mask = torch.arange(longest) < lengths.unsqueeze(1)
    words = torch.randn(4, longest, 4)
    packed, _ = theirs(pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False))
    expected = pad_packed_sequence(packed, batch_first=True)[0]
    found = ours(words, mask)[0] * mask.unsqueeze(-1)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_a_text_longer_than_any_before_has_positions():
    net = network({"encoder": {"name": "transformer", "heads": 4}})
    ids = torch.randint(2, WORDS, (1, 3000))
    assert answers(net, (ids, ids > 0)).isfinite().all()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"encoder": {"name": "men"}}, "encoder 'men' is not known; there are mean, max"),
        ({"encoder": {"name": "mean", "hidden": 3}}, "encoder 'mean': .*hidden"),
        ({"encoder": {"name": "gru", "pool": "first"}}, "pool 'first' is not known"),
        ({"encoder": {"name": "transformer", "hidden": 10, "heads": 3}}, "does not divide"),
        ({"pairing": {"name": "siamese"}}, "pairing 'siamese' needs an encoder"),
        ({"pairing": {"name": "attention", "encoder": {"name": "mean"}}}, "takes no encoder"),
        ({}, "one of 'encoder' and 'pairing'"),
    ],
)
def test_a_wrong_configuration_is_refused(config, said):
    with pytest.raises(InputError, match=said):
        network(config)


def test_sinusoids_follow_the_paper():
    from wordfit.models.encoders import sinusoids

    table = sinusoids(4, 6)
    assert table[3, 2].item() == pytest.approx(math.sin(3 / 10000 ** (2 / 6)), abs=1e-6)
    assert table[3, 3].item() == pytest.approx(math.cos(3 / 10000 ** (2 / 6)), abs=1e-6)
    torch.testing.assert_close(sinusoids(2, 6, start=2), table[2:])
