"""Spam filter: about one mail in twelve is spam. EmbeddingBag + class weight, reported as F1 and average precision."""
import random
from collections import Counter

import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score
from torch import nn

SPAM = "winner prize lottery casino pills discount viagra inheritance wire crypto jackpot bonus free urgent click".split()
HAM = "meeting report invoice lunch project schedule draft budget review team slides minutes travel client agenda".split()
FILL = "the a your our please see attached for and with on monday is was we you have to by tomorrow about from account offer now " \
       "today best regards hello dear thanks".split()


def mail(rng):
    spam = rng.random() < 0.085
    own, other = (SPAM, HAM) if spam else (HAM, SPAM)
    words = rng.choices(own, k=rng.randint(2, 4)) + rng.choices(other, k=rng.choice([0, 0, 0, 1])) + rng.choices(FILL, k=rng.randint(4, 14))
    rng.shuffle(words)
    return tuple(words), int(spam)


class Bag(nn.Module):
    def __init__(self, size, dim=12):
        super().__init__()
        self.bag = nn.EmbeddingBag(size, dim, mode="mean")
        self.norm = nn.LayerNorm(dim)
        self.drop = nn.Dropout(0.5)
        self.lin = nn.Linear(dim, 1)

    def forward(self, flat, offsets):
        return self.lin(self.drop(self.norm(self.bag(flat, offsets)))).squeeze(1)


def pack(rows, vocab):
    ids = [[vocab.get(w, 0) for w in ws] for ws, _ in rows]
    offsets = np.cumsum([0] + [len(i) for i in ids[:-1]])
    return torch.tensor(sum(ids, [])), torch.as_tensor(offsets), torch.tensor([float(y) for _, y in rows])


def main():
    rng = random.Random(8)
    torch.manual_seed(8)
    mails = list(dict(mail(rng) for _ in range(3000)).items())
    train, test = mails[:2000], mails[2000:]
    counts = Counter(w for ws, _ in train for w in ws)
    vocab = {"<unk>": 0, **{w: i + 1 for i, (w, _) in enumerate(counts.most_common())}}
    n_spam = sum(y for _, y in train)
    print("spam in train", n_spam, "of", len(train))
    net = Bag(len(vocab))
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(train) - n_spam) / n_spam).sqrt())
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    flat_t, off_t, y_t = pack(test, vocab)
    for epoch in range(8):
        net.train()
        rng.shuffle(train)
        total = 0.0
        for i in range(0, len(train), 50):
            flat, off, y = pack(train[i:i + 50], vocab)
            loss = loss_fn(net(flat, off), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        net.eval()
        with torch.no_grad():
            z = net(flat_t, off_t)
        print(f"{epoch + 1} loss {total / 40:.3f} test loss {loss_fn(z, y_t):.3f} F1 {f1_score(y_t, z > 0):.3f} "
              f"AP {average_precision_score(y_t, z):.3f}")


if __name__ == "__main__":
    main()
