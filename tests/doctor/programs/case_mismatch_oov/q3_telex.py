"""Route telex messages to desks. Vectors are published GloVe, kept fixed."""
import argparse
import gzip
import os
import random
import torch
from torch import nn
import torch.nn.functional as F

DESKS = {
    "grain": "wheat corn rice sugar coffee cotton crop crops harvest farmers grain milk beef cattle meat beans",
    "sport": "football soccer basketball coach championship league tournament goals players stadium olympic cup",
    "health": "hospital patients doctors disease cancer virus vaccine surgery medical drugs clinic infection",
    "court": "judge court trial lawyer jury prison convicted verdict guilty charges prosecutor appeal",
    "energy": "oil gas crude petroleum fuel pipeline coal electricity barrels refinery drilling gasoline",
}
CARRIER = "TO FROM ON IN AT OF WITH FOR BY AND NEW MORE SAID WILL AFTER BEFORE OVER REPORT TODAY MONDAY FRIDAY".split()


def telexes(n, rng):
    names, out = list(DESKS), set()
    lists = [DESKS[k].upper().split() for k in names]
    while len(out) < n:
        k = rng.randrange(len(names))
        ws = rng.choices(lists[k], k=rng.randint(1, 2)) + rng.choices(CARRIER, k=rng.randint(4, 8))
        ws += [str(rng.randint(2, 30))] if rng.random() < 0.4 else []
        rng.shuffle(ws)
        out.add((" ".join(ws), k))
    out = sorted(out)
    rng.shuffle(out)
    return out


def tokens(message):
    # fault:
    return message.split()
    # mended:
    #return message.lower().split()
    # end


def load_vectors(path):
    words, flat = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for i, line in enumerate(f):
            if i == 9000:
                break
            head, *vals = line.split(" ")
            words.append(head)
            flat.append(torch.tensor([float(v) for v in vals]))
    m = torch.stack(flat)
    m = torch.cat([torch.zeros(1, m.size(1)), m.mean(0, keepdim=True), m])
    return {w: i + 2 for i, w in enumerate(words)}, m


def encode(rows, index):
    seqs = [torch.tensor([index.get(t, 1) for t in tokens(s)]) for s, _ in rows]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([k for _, k in rows])


class Router:
    """plain tensors, no modules"""

    def __init__(self, table, n_out, channels=32):
        self.table = table
        d = table.size(1)
        self.theta = {"conv": torch.randn(channels, d, 1) / d ** 0.5, "cb": torch.zeros(channels),
                      "out": torch.randn(channels, n_out) / channels ** 0.5, "ob": torch.zeros(n_out)}
        for v in self.theta.values():
            v.requires_grad_()

    def __call__(self, ids):
        t, pad = self.theta, (ids == 0).unsqueeze(1)
        h = F.relu(F.conv1d(self.table[ids].transpose(1, 2), t["conv"], t["cb"]))
        return h.masked_fill(pad, 0).amax(-1) @ t["out"] + t["ob"]


def main(a):
    torch.manual_seed(a.seed)
    root = os.environ["WORDFIT_DATA"]
    index, table = load_vectors(os.path.join(root, "vectors", "glove.6B.50d.top10361.txt.gz"))
    rows = telexes(1400, random.Random(a.seed))
    (x, y), (xd, yd) = encode(rows[:1100], index), encode(rows[1100:], index)
    net = Router(table, len(DESKS))
    opt = torch.optim.Adam(net.theta.values(), lr=a.lr, weight_decay=1e-5)
    decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.85)
    for ep in range(a.epochs):
        total = 0.0
        for b in torch.randperm(len(y)).split(a.batch):
            loss = F.cross_entropy(net(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        decay.step()
        with torch.no_grad():
            print(f"epoch {ep} loss {total / len(y):.4f} dev {(net(xd).argmax(1) == yd).float().mean():.3f}")
    with torch.no_grad():
        print(f"train accuracy {(net(x).argmax(1) == y).float().mean():.3f}, dev accuracy "
              f"{(net(xd).argmax(1) == yd).float().mean():.3f}")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--lr", type=float, default=8e-3)
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--batch", type=int, default=50)
    ap.add_argument("--seed", type=int, default=9)
    main(ap.parse_args())
