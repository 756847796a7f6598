"""Question to answer retrieval. The answer index is built once from fixed codes and stays as it is; only the question tower learns.

Questions are (T, B): nn.GRU is left at its default layout."""
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

TOPICS = {"library card": ["card", "badge", "membership"], "reading room": ["room", "hall", "lounge"], "printer": ["printer", "copier", "photocopy"],
          "ebook": ["ebook", "kindle", "download"], "locker": ["locker", "cupboard", "cloakroom"], "magazine": ["magazine", "journal", "newspaper"]}
ACTIONS = {"reserve": ["reserve", "book", "hold"], "pay": ["pay", "cost", "fee"], "lost": ["lost", "misplaced", "stolen"],
           "extend": ["extend", "renew", "prolong"], "open": ["open", "hours", "closing"]}
GLUE = "how do i can we the a my for please where what is it to when about help with need".split()


@dataclass
class IndexConfig:
    dim: int = 32
    code: int = 48
    temperature: float = 0.1
    lr: float = 0.1
    momentum: float = 0.9
    batch: int = 64
    epochs: int = 6
    seed: int = 40


def question(rng):
    topic, action = rng.choice(list(TOPICS)), rng.choice(list(ACTIONS))
    core = [rng.choice(TOPICS[topic]), rng.choice(ACTIONS[action])]
    rng.shuffle(core)
    words = rng.sample(GLUE, rng.randint(1, 4)) + core[:1] + rng.sample(GLUE, rng.randint(0, 3)) + core[1:] + rng.sample(GLUE, rng.randint(0, 2))
    return tuple(words), (topic, action)


class AnswerIndex(nn.Module):
    """Each answer is the sum of two random codes, normalised. No training on this side."""

    def __init__(self, cfg):
        super().__init__()
        codes = torch.randn(len(TOPICS) + len(ACTIONS), cfg.code)
        self.codes = nn.Embedding.from_pretrained(codes, freeze=True)
        self.answers = [(t, a) for t in TOPICS for a in ACTIONS]
        t_id, a_id = {t: i for i, t in enumerate(TOPICS)}, {a: i + len(TOPICS) for i, a in enumerate(ACTIONS)}
        self.register_buffer("parts", torch.tensor([[t_id[t], a_id[a]] for t, a in self.answers]))

    @torch.no_grad()
    def matrix(self):
        return F.normalize(self.codes(self.parts).sum(1), dim=1)


class QuestionTower(nn.Module):
    def __init__(self, cfg, n_words):
        super().__init__()
        self.words = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.gru = nn.GRU(cfg.dim, cfg.code // 2, bidirectional=True)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.words(ids), lengths, enforce_sorted=False)
        _, h = self.gru(packed)
        return F.normalize(torch.cat([h[0], h[1]], dim=1), dim=1)


def main():
    cfg = IndexConfig()
    torch.manual_seed(cfg.seed)
    rng = random.Random(cfg.seed)
    seen = {}
    while len(seen) < 2400:
        words, answer = question(rng)
        seen.setdefault(words, answer)
    items = list(seen.items())
    train, test = items[:2000], items[2000:]
    vocab = {w: i for i, w in enumerate(sorted({w for q, _ in train for w in q}), 2)}

    index = AnswerIndex(cfg)
    answers = index.matrix()
    place = {a: i for i, a in enumerate(index.answers)}
    tower = QuestionTower(cfg, len(vocab) + 2)
    optimizer = torch.optim.SGD(tower.parameters(), lr=cfg.lr, momentum=cfg.momentum, nesterov=True)
    updates = cfg.epochs * ((len(train) + cfg.batch - 1) // cfg.batch)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=updates)

    def scores(part):
        seqs = [torch.tensor([vocab.get(w, 1) for w in q]) for q, _ in part]
        target = torch.tensor([place[a] for _, a in part])
        return tower(pad_sequence(seqs), torch.tensor([len(s) for s in seqs])) @ answers.T / cfg.temperature, target

    def recall(part):
        tower.eval()
        with torch.no_grad():
            s, target = scores(part)
        return (s.argmax(1) == target).float().mean().item(), F.cross_entropy(s, target).item()

    for epoch in range(cfg.epochs):
        tower.train()
        rng.shuffle(train)
        losses = []
        for k in range(0, len(train), cfg.batch):
            s, target = scores(train[k:k + cfg.batch])
            loss = F.cross_entropy(s, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
        print("epoch %d loss %.4f recall@1 %.4f test loss %.4f" % (epoch, sum(losses) / len(losses), *recall(test)))
    print("recall@1 of %d answers: train %.4f test %.4f" % (len(answers), recall(train)[0], recall(test)[0]))


if __name__ == "__main__":
    main()
