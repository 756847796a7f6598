# Sentence polarity with one round of self-attention over frozen GloVe (SST, sentences only).
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(0)
random.seed(0)
DATA = os.environ["WORDFIT_DATA"]

stoi, mat = {"<pad>": 0, "<unk>": 1}, [np.zeros(50, "float32"), np.zeros(50, "float32")]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.rstrip().partition(" ")
        stoi[w] = len(mat)
        mat.append(np.array(rest.split(" "), dtype="float32"))
glove = torch.from_numpy(np.stack(mat))


def read(name, n):
    out = []
    for line in open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8"):
        y, text = line.strip().split(" ", 1)
        out.append(([stoi.get(w, 1) for w in text.lower().split()][:45], int(y)))
    random.shuffle(out)
    return out[:n]


train, dev = read("train", 2600), read("dev", 600)


def collate(rows):
    t = max(len(r[0]) for r in rows)
    x = torch.zeros(len(rows), t, dtype=torch.long)
    for i, (ids, _) in enumerate(rows):
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([r[1] for r in rows])


class SelfAttentiveClassifier(nn.Module):
    def __init__(self, weights, d_att=32, hops=2, hidden=32):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        d = weights.size(1)
        self.w1 = nn.Linear(d, d_att, bias=False)
        self.w2 = nn.Linear(d_att, hops, bias=False)
        self.mlp = nn.Sequential(nn.Dropout(0.3), nn.Linear(d * hops, hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, 2))
        self._reset_parameters()

    def _reset_parameters(self):
        for p in self.parameters():
            # fault:
            if p.dim() > 1:
            # mended:
            # if p.dim() > 1 and p.requires_grad:
            # end
                nn.init.xavier_uniform_(p)

    def forward(self, x):
        e = self.embed(x)
        a = self.w2(torch.tanh(self.w1(e))).masked_fill((x == 0).unsqueeze(-1), -1e9)
        m = a.softmax(dim=1).transpose(1, 2) @ e            # (B, hops, d)
        return self.mlp(m.flatten(1))


net = SelfAttentiveClassifier(glove)
optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
criterion = nn.CrossEntropyLoss()


def evaluate():
    net.eval()
    hit = 0
    with torch.no_grad():
        for i in range(0, len(dev), 100):
            x, y = collate(dev[i:i + 100])
            hit += (net(x).argmax(-1) == y).sum().item()
    net.train()
    return hit / len(dev)


loader = torch.utils.data.DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
for epoch in range(8):
    tot, n = 0.0, 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        tot, n = tot + loss.item(), n + 1
    print(f"epoch {epoch + 1} | train loss {tot / n:.4f} | dev acc {evaluate():.4f}")
