"""Siamese network with contrastive loss: do two customer questions ask the same thing?

Follows the well-known face verification tutorial, with a bag of words in place of the CNN.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

random.seed(8)
torch.manual_seed(8)

TOPICS = [
    "track parcel shipment courier", "refund money return back", "cancel order stop purchase",
    "invoice receipt bill copy", "password login reset account", "size colour exchange swap",
    "voucher coupon discount code", "address street move change", "broken damaged cracked faulty",
    "newsletter mail unsubscribe spam", "warranty repair guarantee service", "store opening hours shop",
]
FRAMES = ["how do i {} the {}", "where can i {} my {}", "please {} a {} for me", "i need help with {} and {}", "{} {} ?", "can you {} this {} today"]


def question(t):
    a, b = random.sample(TOPICS[t].split(), 2)
    return random.choice(FRAMES).format(a, b)


def pairs(n, frames_seed):
    rng = random.Random(frames_seed)
    rows = set()
    while len(rows) < n:
        t = rng.randrange(len(TOPICS))
        if rng.random() < 0.5:
            rows.add((*sorted((question(t), question(t))), 1))
        else:
            u = rng.choice([k for k in range(len(TOPICS)) if k != t])
            rows.add((*sorted((question(t), question(u))), 0))
    rows = sorted(rows)
    rng.shuffle(rows)
    return rows


rows = pairs(2500, 5)
train_rows, test_rows = rows[:2000], rows[2000:]
words = sorted({w for a, b, _ in train_rows for w in (a + " " + b).split()})
index = {w: i for i, w in enumerate(words)}


class PairDataset(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def bow(self, s):
        v = torch.zeros(len(index))
        for w in s.split():
            if w in index:
                v[index[w]] += 1
        return v

    def __getitem__(self, i):
        a, b, same = self.rows[i]
        return self.bow(a), self.bow(b), torch.tensor(float(same))

    def __len__(self):
        return len(self.rows)


class SiameseNetwork(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, 16))

    def forward(self, x1, x2):
        return self.net(x1), self.net(x2)


def euclidean(o1, o2):
    # fault:
    return torch.sqrt(((o1 - o2) ** 2).sum(dim=1))
    # mended:
    # return torch.sqrt(((o1 - o2) ** 2).sum(dim=1) + 1e-6)
    # end


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=1.0):
        super().__init__()
        self.margin = margin

    def forward(self, o1, o2, same):
        d = euclidean(o1, o2)
        return (same * d.pow(2) + (1 - same) * F.relu(self.margin - d).pow(2)).mean()


net = SiameseNetwork(len(index))
criterion = ContrastiveLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
loader = DataLoader(PairDataset(train_rows), batch_size=64, shuffle=True)


def accuracy(rows):
    net.eval()
    a, b, y = map(torch.stack, zip(*PairDataset(rows)))
    with torch.no_grad():
        d = euclidean(*net(a, b))
    net.train()
    return ((d < 0.5).float() == y).float().mean().item()


for epoch in range(1, 6):
    history = []
    for a, b, same in loader:
        optimizer.zero_grad()
        loss = criterion(*net(a, b), same)
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    print(f"Epoch {epoch} | contrastive loss {sum(history) / len(history):.4f} | test acc {accuracy(test_rows):.3f}")
print("train acc", round(accuracy(train_rows), 3))
