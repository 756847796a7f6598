"""
Comment moderation from crowd votes
-----------------------------------
Every comment of our forum was shown to five moderators who could press "remove". We train a
model on their votes and compare it with the decision of the majority.
"""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset, random_split

rng = np.random.default_rng(5)
torch.manual_seed(5)

RUDE = ["idiot", "moron", "shut", "stupid", "loser", "trash", "clown", "pathetic", "liar", "garbage", "hate", "disgusting"]
MILD = ["wrong", "silly", "boring", "nonsense", "weird", "lazy", "ugly", "bad", "annoying", "joke"]
NICE = ["thanks", "agree", "great", "helpful", "please", "nice", "cheers", "welcome", "lovely", "interesting"]
FILL = ("the a this that you your my post thread article update game photo recipe engine team mod really very so just "
        "about with from for it is was are never always again today people here").split()
WEIGHT = {**{w: 1.9 for w in RUDE}, **{w: 0.6 for w in MILD}, **{w: -1.1 for w in NICE}}
MODERATORS = 5


def write_comment():
    n = int(rng.integers(5, 14))
    words = []
    mood = rng.random()
    for _ in range(n):
        r = rng.random()
        if r < 0.25 * mood:
            words.append(str(rng.choice(RUDE)))
        elif r < 0.30:
            words.append(str(rng.choice(MILD)) if rng.random() < mood else str(rng.choice(NICE)))
        else:
            words.append(str(rng.choice(FILL)))
    heat = sum(WEIGHT.get(w, 0.0) for w in words) * 1.2 - 1.4
    votes = int(rng.binomial(MODERATORS, 1 / (1 + np.exp(-heat))))
    return words, votes


class Comments(Dataset):
    def __init__(self, rows, vocab):
        self.rows, self.vocab = rows, vocab

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        words, votes = self.rows[i]
        # fault:
        target = float(votes)
        # mended:
        #target = votes / MODERATORS
        # end
        return [self.vocab[w] for w in words], target, int(votes > MODERATORS / 2)


def collate(batch):
    ids, targets, decision = zip(*batch)
    offsets = torch.tensor([0] + [len(r) for r in ids[:-1]]).cumsum(0)
    flat = torch.tensor([i for r in ids for i in r])
    return flat, offsets, torch.tensor(targets), torch.tensor(decision)


class Moderator(nn.Module):
    def __init__(self, n_words, dim=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))

    def forward(self, flat, offsets):
        return self.mlp(self.bag(flat, offsets)).squeeze(1)


rows, known = [], set()
while len(rows) < 3400:
    words, votes = write_comment()
    if " ".join(words) not in known:
        known.add(" ".join(words))
        rows.append((words, votes))
vocab = {w: i for i, w in enumerate(sorted(set(RUDE + MILD + NICE + FILL)))}
train_set, dev_set = random_split(Comments(rows, vocab), [2800, 600], generator=torch.Generator().manual_seed(1))
train_loader = DataLoader(train_set, batch_size=64, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev_set, batch_size=350, collate_fn=collate)

model = Moderator(len(vocab))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)


def run(loader, train):
    model.train(train)
    losses, hits, removed, n = 0.0, 0, 0, 0
    with torch.set_grad_enabled(train):
        for flat, offsets, target, decision in loader:
            logit = model(flat, offsets)
            loss = loss_fn(logit, target)
            if train:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            pred = torch.sigmoid(logit) > 0.5
            losses += loss.item() * len(decision)
            hits += (pred.long() == decision).sum().item()
            removed += decision.sum().item()
            n += len(decision)
    return losses / n, hits / n, removed / n


for epoch in range(6):
    tr, ta, _ = run(train_loader, True)
    dl, da, share = run(dev_loader, False)
    print(f"epoch {epoch + 1:2d}: train loss {tr:8.3f}, dev loss {dl:8.3f}, agreement with majority {da:.3f}")
print(f"(moderators removed {share:.2f} of the dev comments)")
