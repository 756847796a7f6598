# Sentiment with a bidirectional LSTM over frozen GloVe vectors (homework 3)
import os, gzip, random
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

SEED = 13
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]


def read_split(name, limit=None):
    rows = []
    with open(f"{ROOT}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8") as f:
        for line in f:
            y, text = line.rstrip("\n").split(" ", 1)
            if len(text.split()) <= 18:          # short sentences only, to keep it quick
                rows.append((text.split(), int(y)))
    if limit:
        random.shuffle(rows)
        rows = rows[:limit]
    return rows


train_rows, dev_rows = read_split("train", 1800), read_split("dev")
words = {w for toks, _ in train_rows + dev_rows for w in toks}

stoi, vecs = {"<pad>": 0, "<unk>": 1}, []
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.rstrip("\n").split(" ", 1)
        if w in words:
            stoi[w] = len(stoi)
            vecs.append(np.array(rest.split(" "), dtype=np.float32))
vecs = np.stack(vecs)
table = np.vstack([np.zeros((1, 50), np.float32), vecs.mean(0, keepdims=True), vecs])
hit = sum(t in stoi for toks, _ in dev_rows for t in toks) / sum(len(t) for t, _ in dev_rows)
print(f"vocab {len(stoi)}  dev token coverage {hit:.3f}")


def collate(batch):
    seqs = [torch.tensor([stoi.get(w, 1) for w in toks]) for toks, _ in batch]
    lens = torch.tensor([len(s) for s in seqs])
    return pad_sequence(seqs, batch_first=True), lens, torch.tensor([y for _, y in batch])


class BiLSTM(nn.Module):
    def __init__(self, table, hidden=32):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.lstm = nn.LSTM(table.shape[1], hidden, batch_first=True, bidirectional=True)
        self.drop_in, self.drop = nn.Dropout(0.1), nn.Dropout(0.4)
        self.out = nn.Linear(2 * hidden, 2)

    def forward(self, x, lens):
        e = self.drop_in(self.emb(x))
        packed = pack_padded_sequence(e, lens, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.out(self.drop(torch.cat([h[0], h[1]], dim=1)))


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    ok = n = 0
    for x, lens, y in loader:
        ok += (model(x, lens).argmax(1) == y).sum().item()
        n += len(y)
    return ok / n


model = BiLSTM(table)
train_loader = DataLoader(train_rows, batch_size=40, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev_rows, batch_size=200, collate_fn=collate)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
loss_fn = nn.CrossEntropyLoss()

best = 0.0
for epoch in range(1, 8):
    model.train()
    total = hits = 0
    for x, lens, y in train_loader:
        opt.zero_grad()
        logits = model(x, lens)
        loss = loss_fn(logits, y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item() * len(y)
        hits += (logits.argmax(1) == y).sum().item()
    tr, dv = hits / len(train_rows), accuracy(model, dev_loader)
    if dv > best:
        best = dv
        torch.save(model.state_dict(), "bilstm_best.pt")
    print(f"epoch {epoch} loss {total / len(train_rows):.4f} train acc {tr:.3f} dev acc {dv:.3f}")

model.load_state_dict(torch.load("bilstm_best.pt"))
print(f"best checkpoint: dev acc {accuracy(model, dev_loader):.3f}")
