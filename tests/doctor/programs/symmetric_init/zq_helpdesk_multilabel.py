import argparse
import random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

"""
Which departments have to see a letter?  Several can be right at once.
usage: python helpdesk.py [--epochs 5] [--lr 0.01]
"""

DEPTS = {
    'sales': 'offer discount order price buy quote'.split(),
    'legal': 'contract court clause lawyer sue licence'.split(),
    'tech': 'server bug login crash install driver'.split(),
    'staff': 'salary holiday training hiring sick bonus'.split(),
    'press': 'interview journalist article quotation radio photo'.split(),
    'building': 'door heating lift window parking cleaning'.split(),
}
PLAIN = ['dear', 'sir', 'madam', 'i', 'write', 'about', 'the', 'a', 'your', 'our', 'please', 'call', 'back', 'soon', 'and', 'regards']
MAX_LEN = 20


def letters(n, rnd):
    xs, ys = [], []
    for _ in range(n):
        depts = rnd.sample(list(DEPTS), rnd.choice([1, 2, 2, 3]))
        toks = [w for d in depts for w in rnd.sample(DEPTS[d], rnd.choice([2, 3]))]
        toks += [rnd.choice(PLAIN) for _ in range(rnd.randint(4, 10))]
        rnd.shuffle(toks)
        xs.append(toks)
        ys.append([float(d in depts) for d in DEPTS])
    return xs, ys


class LetterNet(nn.Module):
    def __init__(self, vocab_size, embed_dim=24, hidden_dim=32, num_labels=6):
        super(LetterNet, self).__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, num_labels)
        self.act = nn.Tanh()
        self.apply(self.reset)

    @staticmethod
    def reset(m):
        if isinstance(m, nn.Linear):
            # fault:
            nn.init.constant_(m.weight, 0.05)
            # mended:
            # nn.init.xavier_uniform_(m.weight)
            # end
            nn.init.zeros_(m.bias)

    def forward(self, x):
        # the padding row is zero, so the sum runs over the words only
        e = self.embedding(x).sum(dim=1) / (x > 0).sum(dim=1, keepdim=True).sqrt()
        return self.fc2(self.act(self.fc1(e)))


def scores(model, x, y):
    model.eval()
    with torch.no_grad():
        p = (model(x) > 0).float()
    tp = (p * y).sum()
    f1 = 2 * tp / (p.sum() + y.sum())
    return f1.item(), (p == y).all(dim=1).float().mean().item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--epochs', type=int, default=5)
    ap.add_argument('--lr', type=float, default=0.01)
    ap.add_argument('--batch_size', type=int, default=40)
    args = ap.parse_args()
    torch.manual_seed(64)
    rnd = random.Random(64)
    w2i = {w: i + 1 for i, w in enumerate(PLAIN + [w for ws in DEPTS.values() for w in ws])}

    def encode(texts):
        x = np.zeros((len(texts), MAX_LEN), dtype=np.int64)
        for r, t in enumerate(texts):
            t = t[:MAX_LEN]
            x[r, :len(t)] = [w2i[w] for w in t]
        return torch.from_numpy(x)

    (tx, ty), (vx, vy) = letters(2000, rnd), letters(400, rnd)
    tx, ty, vx, vy = encode(tx), torch.tensor(ty), encode(vx), torch.tensor(vy)
    loader = DataLoader(TensorDataset(tx, ty), batch_size=args.batch_size, shuffle=True)
    model = LetterNet(len(w2i) + 1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=args.epochs)
    for epoch in range(args.epochs):
        model.train()
        epoch_loss = 0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item()
        scheduler.step()
        print('Epoch: %d | Train loss: %.4f | Val micro F1: %.3f | Val all right: %.3f' % (epoch + 1, epoch_loss / len(loader), *scores(model, vx, vy)))
    print('Train micro F1: %.3f all right: %.3f' % scores(model, tx, ty))


if __name__ == '__main__':
    main()
