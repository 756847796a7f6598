"""Same legal question or not? A siamese encoder for headnotes of court rulings.

Headnotes are keyword strings ("lease; notice; arrears; ..."). Two headnotes that
deal with the same legal question should end up close to each other. Courts
copy headnotes from each other, now and then word for word.
"""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

SEED = 1949
random.seed(SEED)
torch.manual_seed(SEED)

QUESTIONS = {
    "tenancy": "lease notice arrears landlord deposit eviction sublet repairs flat heating rent tenant",
    "employment": "dismissal overtime wages contract probation union severance employer leave bonus shift reinstatement",
    "traffic": "collision speeding licence pedestrian insurance whiplash junction lorry bicycle alcohol brake lane",
    "inheritance": "will heir testator estate codicil probate legacy executor disinherit trust gift share",
    "building": "permit boundary fence extension neighbour zoning architect defect cellar roof contractor delay",
    "copyright": "licence author photograph infringement sample melody royalty publisher database quotation parody film",
}
LEGALESE = "appeal costs hearing claimant defendant burden evidence interest limitation damages jurisdiction statute".split()
VOCAB = {"<pad>": 0}
for text in list(QUESTIONS.values()) + [" ".join(LEGALESE)]:
    for w in text.split():
        VOCAB.setdefault(w, len(VOCAB))


def headnote(topic, rng):
    words = rng.sample(QUESTIONS[topic].split(), rng.randint(2, 4)) + rng.sample(LEGALESE, rng.randint(1, 5))
    rng.shuffle(words)
    return tuple(words)


def make_pairs(n, seed):
    rng = random.Random(seed)
    pairs, seen = [], set()
    topics = list(QUESTIONS)
    while len(pairs) < n:
        same = rng.random() < 0.5
        first = rng.choice(topics)
        second = first if same else rng.choice([t for t in topics if t != first])
        a, b = headnote(first, rng), headnote(second, rng)
        if same and rng.random() < 0.04:
            b = a
        if (a, b) not in seen:
            seen.add((a, b))
            pairs.append((a, b, float(same)))
    return pairs


class PairDataset(Dataset):
    def __init__(self, pairs):
        self.pairs = pairs

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, idx):
        a, b, same = self.pairs[idx]
        return torch.tensor([VOCAB[w] for w in a]), torch.tensor([VOCAB[w] for w in b]), same


def collate(batch):
    a, b, same = zip(*batch)
    return pad_sequence(a, batch_first=True), pad_sequence(b, batch_first=True), torch.tensor(same)


class HeadnoteEncoder(nn.Module):
    def __init__(self, vocab_size, dim=32, out=16):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.project = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, out))

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1)
        mean = (self.embedding(x) * mask).sum(1) / mask.sum(1)
        return self.project(mean)


def distance(u, v):
    # fault:
    return ((u - v) ** 2).sum(dim=1).sqrt()
    # mended:
    #return (((u - v) ** 2).sum(dim=1) + 1e-8).sqrt()
    # end


def contrastive_loss(d, same, margin=2.0):
    return (same * d ** 2 + (1 - same) * F.relu(margin - d) ** 2).mean()


def train(model, loader, optimizer):
    model.train()
    total = 0.0
    for a, b, same in loader:
        optimizer.zero_grad()
        loss = contrastive_loss(distance(model(a), model(b)), same)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(same)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    loss = hits = 0.0
    for a, b, same in loader:
        d = distance(model(a), model(b))
        loss += contrastive_loss(d, same).item() * len(same)
        hits += ((d < 1.0).float() == same).sum().item()
    return loss / len(loader.dataset), hits / len(loader.dataset)


if __name__ == "__main__":
    pairs = make_pairs(2200, SEED)
    train_loader = DataLoader(PairDataset(pairs[:1700]), batch_size=32, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(PairDataset(pairs[1700:]), batch_size=128, collate_fn=collate)
    model = HeadnoteEncoder(len(VOCAB))
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
    for epoch in range(1, 15):
        train_loss = train(model, train_loader, optimizer)
        test_loss, accuracy = evaluate(model, test_loader)
        print(f"epoch {epoch} | train loss {train_loss:.4f} | test loss {test_loss:.4f} | pair accuracy {accuracy:.3f}")
