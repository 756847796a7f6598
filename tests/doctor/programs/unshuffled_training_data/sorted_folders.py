"""Reviews are read folder by folder (neg/, pos/) as in the IMDB layout."""
import pathlib
import random
import tempfile

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(77)
torch.manual_seed(77)
POS = "lovely moving clever witty charming gripping delightful tender bold rich".split()
NEG = "boring clumsy stale noisy shallow lazy tedious hollow messy flat".split()
ANY = "film story actor the a and of with scene was it this plot score camera dialogue ending long short again".split()

root = pathlib.Path(tempfile.mkdtemp())
for split, per_class in (("train", 400), ("test", 150)):
    for name, words in (("neg", NEG), ("pos", POS)):
        folder = root / split / name
        folder.mkdir(parents=True)
        for i in range(per_class):
            toks = random.choices(ANY, k=random.randint(8, 22)) + random.choices(words, k=random.randint(1, 3))
            if random.random() < 0.3:
                toks.append(random.choice(POS if words is NEG else NEG))
            random.shuffle(toks)
            (folder / f"{i}.txt").write_text(" ".join(toks))


class Reviews(Dataset):
    def __init__(self, split, vocab=None):
        self.items = []
        for label, name in enumerate(("neg", "pos")):
            for path in sorted((root / split / name).iterdir()):
                self.items.append((path.read_text().split(), label))
        self.vocab = vocab or {w: i + 1 for i, w in enumerate(sorted({w for t, _ in self.items for w in t}))}

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        toks, y = self.items[k]
        return torch.tensor([self.vocab[t] for t in toks if t in self.vocab]), y


def collate(batch):
    xs, ys = zip(*batch)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 16, padding_idx=0)
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        m = (x > 0).float().unsqueeze(-1)
        return self.fc((self.emb(x) * m).sum(1) / m.sum(1))


train_set = Reviews("train")
test_set = Reviews("test", train_set.vocab)
# fault:
train_loader = DataLoader(train_set, batch_size=20, collate_fn=collate)
# mended:
# train_loader = DataLoader(train_set, batch_size=20, shuffle=True, collate_fn=collate)
# end
test_loader = DataLoader(test_set, batch_size=100, collate_fn=collate)
net = Net(len(train_set.vocab) + 1)
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(6):
    running = []
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(net(x), y)
        loss.backward()
        optimizer.step()
        running.append(loss.item())
    with torch.no_grad():
        acc = sum((net(x).argmax(1) == y).sum().item() for x, y in test_loader) / len(test_set)
    print(f"epoch {epoch}: loss {sum(running) / len(running):.4f} test accuracy {acc:.4f}")
