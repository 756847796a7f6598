"""Encoder-decoders: no look ahead, padding and company change nothing, known losses, decoding that ends."""

import itertools
import math

import pytest
import torch

from wordfit.embedding import TouchedRows, Tuning, WordEmbedding
from wordfit.errors import InputError
from wordfit.models.decoding import Beam, decode
from wordfit.models.seq2seq import BEGIN, END, build_seq2seq, shifted

WORDS, WIDTH = 20, 12
CONFIGS = [
    {"name": "lstm", "hidden": 16, "attention": "dot"},
    {"name": "bilstm", "hidden": 16, "attention": "bahdanau"},
    {"name": "bigru", "hidden": 16, "attention": "luong", "layers": 2},
    {"name": "gru", "hidden": 16, "width": 10},
    {"name": "transformer", "hidden": 16, "layers": 2, "heads": 2},
    {"name": "bilstm", "hidden": 16, "tied": True},
]
every_network = pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c["name"] + "-tied" * ("tied" in c))


def network(config, seed=0, **more):
    torch.manual_seed(seed)
    tables = [WordEmbedding(torch.randn(WORDS, WIDTH), sparse=False) for _ in range(2)]
    return build_seq2seq({"dropout": 0.0} | config | more, *tables)


def rows(number=6, seed=0):
    """Source and target ids with their masks; targets end in END; the last source is empty."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.arange(number - 1, -1, -1)
    source_mask = torch.arange(6) < lengths.unsqueeze(1)
    target_mask = torch.arange(7) < lengths.flip(0).unsqueeze(1) + 1
    source = torch.randint(4, WORDS, (number, 6), generator=generator) * source_mask
    target = torch.randint(4, WORDS, (number, 7), generator=generator) * target_mask
    target[torch.arange(number), target_mask.sum(1) - 1] = END
    return source, source_mask, target, target_mask


@pytest.fixture(scope="module", params=[1, 3, 4], ids=["bilstm", "gru", "transformer"])
def learned_by_heart(request):
    net, row = network(CONFIGS[request.param]), rows()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(200):
        optimizer.zero_grad()
        loss = net.train().loss(*row)
        loss.backward()
        optimizer.step()
        if loss < 0.02:
            break
    return net


@every_network
def test_an_answer_has_not_seen_its_word_or_what_follows(config):
    net, (source, mask, target, _) = network(config).eval(), rows()
    before, _ = net(source, mask, target)
    for place in range(target.shape[1]):
        changed = target.clone()
        changed[:, place:] = (changed[:, place:] + 5) % (WORDS - 4) + 4
        after, _ = net(source, mask, changed)
        torch.testing.assert_close(after[:, : place + 1], before[:, : place + 1], atol=1e-6, rtol=1e-5)
        if place + 1 < target.shape[1]:
            assert (after[:, place + 1] - before[:, place + 1]).abs().max() > 1e-5, "but it does see the words before"


@every_network
def test_padding_and_company_change_nothing(config):
    net, (source, mask, target, _) = network(config).eval(), rows()
    logits, share = net(source, mask, target)
    wider = [torch.nn.functional.pad(part, (0, 5)) for part in (source, mask, target)]
    padded, padded_share = net(*wider)
    torch.testing.assert_close(padded[:, :7], logits, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(padded_share[:, :7, :6], share, atol=1e-5, rtol=1e-5)
    alone = torch.cat([net(*(part[i : i + 1] for part in (source, mask, target)))[0] for i in range(6)])
    torch.testing.assert_close(alone, logits, atol=1e-5, rtol=1e-5)
    assert share[~mask.unsqueeze(1).expand_as(share)].eq(0).all()
    torch.testing.assert_close(share[:5].sum(-1), torch.ones(5, 7))


@every_network
def test_the_answer_hangs_on_the_source(config):
    net, (source, mask, target, _) = network(config).eval(), rows()
    other = torch.where(mask, (source + 3) % (WORDS - 4) + 4, 0)
    assert (net(other, mask, target)[0] - net(source, mask, target)[0])[:5].abs().amax(dim=(1, 2)).min() > 1e-4


def test_the_right_shift_hides_the_last_word():
    assert shifted(torch.tensor([[7, 8, END, 0]])).tolist() == [[BEGIN, 7, 8, 0]]


def test_uniform_logits_cost_the_logarithm_of_the_vocabulary_and_perfect_ones_nothing():
    net, (source, mask, target, target_mask) = network(CONFIGS[1]), rows()
    torch.nn.init.zeros_(net.output.weight)
    assert net.loss(source, mask, target, target_mask).item() == pytest.approx(math.log(WORDS), abs=1e-6)
    constant = torch.full_like(target, 9)
    net.output.bias.data[9] = 50.0
    assert net.loss(source, mask, constant, target_mask).item() == pytest.approx(0.0, abs=1e-6)
    net.label_smoothing = 0.1
    assert net.train().loss(source, mask, constant, target_mask) > 1  # certainty is not the smoothed floor
    assert net.eval().loss(source, mask, constant, target_mask).item() == pytest.approx(0.0, abs=1e-6)


def test_what_stands_in_the_padding_of_a_target_costs_nothing():
    net, (source, mask, target, target_mask) = network(CONFIGS[1]), rows()
    loss = net.loss(source, mask, target, target_mask)
    assert net.loss(source, mask, torch.where(target_mask, target, 5), target_mask) == loss


def test_a_tied_output_is_the_same_parameter():
    net = network(CONFIGS[-1])
    assert net.output.weight is net.target.weight
    names = [name for name, _ in net.named_parameters()]
    assert "output.weight" not in names
    assert net.source.weight is not net.target.weight
    assert not network(CONFIGS[0]).tied


def test_each_side_has_its_own_tuning():
    torch.manual_seed(0)
    source = WordEmbedding(torch.randn(WORDS, WIDTH), Tuning(lr_multiplier=0.0))
    target = WordEmbedding(torch.randn(WORDS, WIDTH), Tuning(lr_multiplier=0.5))
    net, (ids, mask, answer, answer_mask) = build_seq2seq(CONFIGS[0], source, target), rows()
    before = [e.weight.detach().clone() for e in net.embeddings]
    optimizer = TouchedRows(net.embeddings)
    net.loss(ids, mask, answer, answer_mask).backward()
    optimizer.step()
    moved = [(e.weight.detach() - start).abs().sum(1) > 0 for e, start in zip(net.embeddings, before)]
    assert not moved[0].any()
    read = set(shifted(answer)[answer_mask].tolist())
    assert set(moved[1].nonzero().flatten().tolist()) <= read
    assert moved[1][BEGIN]


def test_a_tiny_set_is_memorised_word_for_word(learned_by_heart):
    source, mask, target, target_mask = rows()
    found = [answers[0].words for answers in decode(learned_by_heart, source, mask)]
    assert found == [row[m].tolist()[:-1] for row, m in zip(target, target_mask)]


@pytest.mark.parametrize("beam", [Beam(3), Beam(3, penalty=0.0), Beam(2, no_repeat=1)])
def test_a_beam_is_never_worse_and_gives_different_answers_in_order(learned_by_heart, beam):
    source, mask, *_ = rows()
    for answers in decode(learned_by_heart, source, mask, beam):
        assert 1 <= len(answers) <= beam.size
        assert [a.score for a in answers] == sorted((a.score for a in answers), reverse=True)
        assert len({tuple(a.words) for a in answers}) == len(answers)
        assert all(len(a.attention) == len(a.words) for a in answers)


def greedy(net, source, mask, limit):
    """The plainest decoder: append the likeliest word, over the whole prefix each time."""
    words = torch.full((len(source), 1), BEGIN)
    for _ in range(limit):
        logits = net.output(net.features(source, mask, words)[0])[:, -1]
        logits[:, [0, BEGIN]] = -math.inf
        words = torch.cat([words, logits.argmax(-1, keepdim=True)], dim=1)
    return [row[1 : row.index(END)] if END in row else row[1:] for row in words.tolist()]


@every_network
@torch.no_grad()
def test_a_beam_of_one_is_greedy(config):
    net, (source, mask, *_) = network(config, seed=3).eval(), rows()
    limit = 12
    expected = greedy(net, source, mask, limit)
    found = decode(net, source, mask, Beam(1, longest=limit))
    limits = (2 * mask.sum(1) + 10).clamp(max=limit).tolist()
    assert [a[0].words for a in found] == [words[:n] for words, n in zip(expected, limits)]


@torch.no_grad()
def test_a_beam_as_wide_as_all_answers_finds_the_likeliest():
    net, (source, mask, *_) = network(CONFIGS[1], seed=4).eval(), rows()
    net.output.bias.data[END] = 1.0
    letters = [w for w in range(WORDS) if w not in (0, BEGIN, END)]
    answers = [list(words) for length in range(3) for words in itertools.product(letters, repeat=length)]
    target = torch.tensor([[*words, END, 0, 0][:3] for words in answers])
    log = net(source[:1].expand(len(target), -1), mask[:1].expand(len(target), -1), target)[0].log_softmax(-1)
    scores = (log.gather(-1, target.unsqueeze(-1)).squeeze(-1) * (target != 0)).sum(-1)
    found = decode(net, source[:1], mask[:1], Beam(400, penalty=0.0, longest=3))[0]
    ended = [answer for answer in found if len(answer.words) < 3]
    assert ended[0].words == answers[scores.argmax()]
    assert ended[0].score == pytest.approx(scores.max().item(), abs=1e-4)


@pytest.mark.parametrize("size", [1, 4])
def test_a_network_that_never_ends_is_stopped(size):
    net, (source, mask, *_) = network(CONFIGS[0]), rows()
    net.output.bias.data[END] = -1e6
    found = decode(net, source, mask, Beam(size, longest=15))
    for answers, length in zip(found, mask.sum(1).tolist()):
        assert len(answers[0].words) == min(15, 2 * length + 10)


def test_no_sequence_occurs_twice_on_request():
    net, (source, mask, *_) = network(CONFIGS[0]), rows()
    net.output.bias.data[7] = 50.0
    assert decode(net, source, mask)[0][0].words.count(7) > 5
    for answers in decode(net, source, mask, Beam(1, no_repeat=2)):
        pairs = list(zip(answers[0].words, answers[0].words[1:]))
        assert len(set(pairs)) == len(pairs)


def test_scheduled_sampling_feeds_the_models_own_words():
    net, (source, mask, target, target_mask) = network(CONFIGS[1]), rows()
    net.output.bias.data[11] = 50.0
    before = shifted(target)
    mixed = net._sampled(source, mask, before, 0.5)
    changed = mixed != before
    assert changed.any()
    assert (mixed[changed] == 11).all()
    assert not changed[:, 0].any()
    assert net.loss(source, mask, target, target_mask, sampling=0.5).requires_grad


@every_network
def test_a_saved_network_writes_the_same(config):
    net, again, (source, mask, *_) = network(config, seed=1), network(config, seed=2), rows()
    again.load_state_dict(net.state_dict())
    assert [a[0].words for a in decode(again, source, mask)] == [a[0].words for a in decode(net, source, mask)]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"name": "rnn"}, "model 'rnn' is not known; there are lstm"),
        ({"name": "lstm", "attention": "soft"}, "attention 'soft' is not known"),
        ({"name": "lstm", "heads": 3}, "seq2seq model 'lstm'"),
        ({"name": "transformer", "hidden": 15}, "does not divide"),
        ({"name": "bilstm", "hidden": 15, "attention": "dot"}, "equal widths"),
    ],
)
def test_a_wrong_configuration_is_refused(config, said):
    with pytest.raises(InputError, match=said):
        network(config)
