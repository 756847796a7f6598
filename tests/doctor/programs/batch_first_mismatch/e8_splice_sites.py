import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader, random_split

# Donor splice sites: does the 16-base window hold the consensus GTAAGT / GTGAGT?
# Decoys hold the same bases in another order, so base composition says nothing.

BASES = "ACGT"
LEN = 16


class SpliceWindows(Dataset):
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        seen = {}
        while len(seen) < n:
            window = rng.integers(0, 4, LEN)
            real = int(rng.random() < 0.5)
            site = "GTAAGT" if rng.random() < 0.6 else "GTGAGT"
            site = [BASES.index(b) for b in site]
            if not real:
                kept = list(site)
                while site == kept:
                    site = list(rng.permutation(kept))
            at = rng.integers(2, LEN - 8)
            window[at:at + 6] = site
            if rng.random() < 0.02:
                real = 1 - real
            seen.setdefault(tuple(int(b) for b in window), real)
        self.x = torch.tensor(list(seen.keys()))
        self.y = torch.tensor(list(seen.values()))

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class SiteFinder(nn.Module):
    """base embedding -> BiGRU -> strongest position -> yes / no"""

    def __init__(self, emb=8, hidden=20):
        super().__init__()
        self.base = nn.Embedding(len(BASES), emb)
        # fault:
        self.gru = nn.GRU(emb, hidden, bidirectional=True)
        # mended:
        #self.gru = nn.GRU(emb, hidden, bidirectional=True, batch_first=True)
        # end
        self.call = nn.Linear(2 * hidden, 2)

    def forward(self, windows):
        states, _ = self.gru(self.base(windows))       # windows: batch x length
        best, _ = states.max(dim=1)
        return self.call(best)


def run_epoch(model, loader, criterion, optimizer=None):
    model.train(optimizer is not None)
    loss_sum = correct = count = 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            out = model(x)
            loss = criterion(out, y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
            loss_sum += loss.item() * len(y)
            correct += (out.argmax(1) == y).sum().item()
            count += len(y)
    return loss_sum / count, correct / count


if __name__ == "__main__":
    torch.manual_seed(2)
    data = SpliceWindows(2200, seed=2)
    train, test = random_split(data, [1700, 500])
    train_loader = DataLoader(train, batch_size=50, shuffle=True)
    test_loader = DataLoader(test, batch_size=100)
    model = SiteFinder()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    epochs = 7
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for e in range(epochs):
        tl, ta = run_epoch(model, train_loader, criterion, optimizer)
        vl, va = run_epoch(model, test_loader, criterion)
        scheduler.step()
        print(f"[{e + 1}/{epochs}] train loss {tl:.3f} acc {ta:.3f} | test loss {vl:.3f} acc {va:.3f}")
    share = torch.stack([y for _, y in test]).float().mean().item()
    print(f"majority {max(share, 1 - share):.3f}")
    print(f"test accuracy {va:.3f}")
