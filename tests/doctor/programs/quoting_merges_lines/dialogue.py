"""Who speaks, the doctor or the patient? Lines of dialogue in a tab-separated export (GRU)."""
import csv
import io
import random

import torch
import torch.nn as nn

random.seed(16); torch.manual_seed(16)
DOC = "prescribe dose examine scan symptoms twice daily tablets allergy results breathe since".split()
PAT = "hurts worried sleep dizzy my can't since cough feels scared work tired".split()
BOTH = "the it is and in for you i a have been week day this that back here please what".split()


def line(y):
    t = random.choices(BOTH, k=random.randint(4, 12))
    for w in random.choices((DOC, PAT)[y], k=random.randint(1, 3)):
        t.insert(random.randint(0, len(t)), w)
    s = " ".join(t)
    r = random.random()
    return f'"{s}"' if r < 0.15 else f'"{s}' if r < 0.6 else s


def export(n):
    return "".join(f"{line(y)}\t{'doctor' if y == 0 else 'patient'}\n" for y in (random.randrange(2) for _ in range(n)))


def parse(stream):
    # fault:
    reader = csv.reader(stream, delimiter="\t", quotechar='"')
    # mended:
    # reader = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
    # end
    for row in reader:
        if len(row) == 2:
            yield row[0].replace('"', "").replace("\t", " ").split(), int(row[1] == "patient")


train, dev = list(parse(io.StringIO(export(600)))), list(parse(io.StringIO(export(250))))
print("rows:", len(train), len(dev))
vocab = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted(set(DOC + PAT + BOTH)))}


class Speaker(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), 16, padding_idx=0)
        self.gru = nn.GRU(16, 24)
        self.out = nn.Linear(24, 1)

    def forward(self, seqs):
        n = torch.tensor([len(s) for s in seqs])
        x = nn.utils.rnn.pad_sequence(seqs)
        _, h = self.gru(nn.utils.rnn.pack_padded_sequence(self.embed(x), n, enforce_sorted=False))
        return self.out(h[-1]).squeeze(-1)


def batch(rows):
    return [torch.tensor([vocab.get(w, 1) for w in t]) for t, _ in rows], torch.tensor([float(y) for _, y in rows])


net = Speaker()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    net.train()
    losses = []
    for i in range(0, len(train), 25):
        seqs, y = batch(train[i:i + 25])
        loss = nn.functional.binary_cross_entropy_with_logits(net(seqs), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        seqs, y = batch(dev)
        print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} dev {((net(seqs) > 0) == (y > 0)).float().mean().item():.4f}")
