# Three-state secondary structure (H, E, C) of made-up proteins with a bidirectional GRU over packed sequences.
import random
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_sequence, pad_packed_sequence

random.seed(17)
torch.manual_seed(17)
AA = "ACDEFGHIKLMNPQRSTVWY"
PREF = {"H": "AELMQKRH", "E": "VIYCWFT", "C": "GNPSD"}


def protein():
    seq, ss = "", ""
    target = random.randint(25, 50)
    while len(seq) < target:
        s = random.choice("HEC")
        for _ in range(random.randint(4, 9)):
            seq += random.choice(PREF[s]) if random.random() < 0.75 else random.choice(AA)
            ss += s
    return seq[:target], ss[:target]


aa2i, ss2i = {a: i for i, a in enumerate(AA)}, {s: i for i, s in enumerate("HEC")}
proteins = [protein() for _ in range(420)]
seqs = [torch.tensor([aa2i[a] for a in s]) for s, _ in proteins]
tags = [torch.tensor([ss2i[t] for t in s]) for _, s in proteins]
tr, te = range(0, 330), range(330, 420)


class SSNet(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.embed = nn.Embedding(20, 12)
        self.gru = nn.GRU(12, hidden, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * hidden, 3)

    def forward(self, list_of_seqs):
        packed = pack_sequence([self.embed(s) for s in list_of_seqs], enforce_sorted=False)
        states, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.out(states)


net = SSNet()
loss_fn = nn.CrossEntropyLoss(ignore_index=-1)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)


@torch.no_grad()
def q3(ids):
    net.eval()
    pred = net([seqs[i] for i in ids]).argmax(-1)
    gold = pad_sequence([tags[i] for i in ids], batch_first=True, padding_value=-1)
    m = gold >= 0
    return (pred[m] == gold[m]).float().mean().item()


share = Counter(t for i in te for t in tags[i].tolist())
print("largest state: %.3f" % (max(share.values()) / sum(share.values())))
order = list(tr)
for epoch in range(4):
    random.shuffle(order)
    net.train()
    log = []
    for k in range(0, len(order), 20):
        ids = order[k:k + 20]
        logits = net([seqs[i] for i in ids])
        gold = pad_sequence([tags[i] for i in ids], batch_first=True, padding_value=-1)
        loss = loss_fn(logits.reshape(-1, 3), gold.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        log.append(loss.item())
    print(f"epoch {epoch + 1}: loss {sum(log) / len(log):.3f}, Q3 train {q3(tr):.3f}, Q3 test {q3(te):.3f}")
