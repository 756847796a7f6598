"""Chargeback triage: score the free text note of a disputed card payment.

Notes are tokenised upstream, here only token ids arrive. A bag of embeddings
feeds a small head that returns P(fraud); the case queue is sorted by it.
"""
import json
import random

import torch
from torch import nn

CONFIG = json.loads("""
{
  "seed": 404,
  "n_cases": 3000,
  "holdout": 600,
  "dim": 24,
  "hidden": 32,
  "batch_size": 64,
  "epochs": 10,
  "patience": 3,
  "lr": 0.003
}
""")

NEUTRAL = """customer called about the charge on card ending merchant says order was placed online
receipt attached date amount currency statement line invoice number support agent opened case please
review reply pending bank asked for details email sent phone contact confirmed address shipping""".split()
FRAUDISH = """unknown device stolen wallet never ordered foreign login overseas giftcards velocity spoofed
sim swapped phishing link multiple attempts mismatch avs failed midnight burner proxy""".split()
FRIENDLY = """late delivery wrong size damaged refund delayed duplicate billing subscription forgot cancel
renewal partial return color unhappy coupon missing trial family member tip""".split()


def make_case(rng):
    fraud = int(rng.random() < 0.4)
    own, other = (FRAUDISH, FRIENDLY) if fraud else (FRIENDLY, FRAUDISH)
    words = rng.choices(NEUTRAL, k=rng.randint(6, 18))
    words += rng.choices(own, k=rng.randint(1, 4))
    words += rng.choices(other, k=rng.randint(0, 2))
    rng.shuffle(words)
    return tuple(words), fraud


def load(cfg):
    rng = random.Random(cfg["seed"])
    cases = {}
    while len(cases) < cfg["n_cases"]:
        words, y = make_case(rng)
        cases.setdefault(words, y)
    cases = list(cases.items())
    rng.shuffle(cases)
    cut = len(cases) - cfg["holdout"]
    return cases[:cut], cases[cut:]


def pack(cases, vocab):
    flat, offsets = [], []
    for words, _ in cases:
        offsets.append(len(flat))
        flat.extend(vocab[w] for w in words if w in vocab)
    target = torch.tensor([float(y) for _, y in cases])
    return torch.tensor(flat), torch.tensor(offsets), target


class NoteScorer(nn.Module):
    def __init__(self, n_tokens, dim, hidden):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_tokens, dim, mode="mean")
        self.body = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(0.2))
        self.out = nn.Linear(hidden, 1)
        # fault:
        self.to_prob = nn.Softmax(dim=1)
        # mended:
        #self.to_prob = nn.Sigmoid()
        # end

    def forward(self, flat, offsets):
        return self.to_prob(self.out(self.body(self.bag(flat, offsets)))).squeeze(1)


def auc(scores, target):
    pos, neg = scores[target == 1], scores[target == 0]
    wins = (pos[:, None] > neg[None, :]).float() + 0.5 * (pos[:, None] == neg[None, :]).float()
    return wins.mean().item()


def main(cfg):
    torch.manual_seed(cfg["seed"])
    train, held = load(cfg)
    vocab = {w: i for i, w in enumerate(sorted({w for words, _ in train for w in words}))}
    model = NoteScorer(len(vocab), cfg["dim"], cfg["hidden"])
    opt = torch.optim.Adam(model.parameters(), lr=cfg["lr"])
    bce = nn.BCELoss()
    held_pack = pack(held, vocab)

    best, bad = 1e9, 0
    for epoch in range(cfg["epochs"]):
        model.train()
        order = torch.randperm(len(train)).tolist()
        total = 0.0
        for s in range(0, len(order), cfg["batch_size"]):
            flat, off, y = pack([train[i] for i in order[s:s + cfg["batch_size"]]], vocab)
            loss = bce(model(flat, off), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        model.eval()
        with torch.no_grad():
            p = model(held_pack[0], held_pack[1])
            dev_loss = bce(p, held_pack[2]).item()
        print(f"epoch {epoch} train {total / len(train):.4f} dev {dev_loss:.4f} auc {auc(p, held_pack[2]):.3f}")
        if dev_loss < best - 1e-4:
            best, bad = dev_loss, 0
        else:
            bad += 1
            if bad >= cfg["patience"]:
                break
    flagged = (p > 0.5).float()
    print("share of fraud", round(held_pack[2].mean().item(), 3))
    print("accuracy", round((flagged == held_pack[2]).float().mean().item(), 3))


if __name__ == "__main__":
    main(CONFIG)
