"""
Reading noisy nanopore codons: source = organism tag + codons with sequencing errors, target = peptide + end mark.
Encoder/decoder of equal pace (the decoder sees the encoder state of its own step), greedy decoding.
"""
import itertools
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_packed_sequence, pack_padded_sequence, pad_sequence

random.seed(8)
torch.manual_seed(8)

BASES = "TCAG"
AMINO = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODONS = ["".join(c) for c in itertools.product(BASES, repeat=3)]
STANDARD = dict(zip(CODONS, AMINO))
MITO = {**STANDARD, "AGA": "*", "AGG": "*", "ATA": "M", "TGA": "W"}

PAD, BOS, EOS = 0, 1, 2
residues = sorted(set(AMINO) - {"*"})
R2I = {r: i + 3 for i, r in enumerate(residues)}
C2I = {c: i + 3 for i, c in enumerate(CODONS)}
TAGS = {"standard": 1, "mito": 2}
N_OUT = len(residues) + 3


@dataclass
class Hyper:
    dim: int = 24
    hidden: int = 48
    lr: float = 6e-3
    batch: int = 64
    epochs: int = 6
    error: float = 0.06


hp = Hyper()


def misread(codon):
    return "".join(random.choice(BASES) if random.random() < hp.error * 4 / 3 else b for b in codon)


def reads(n, taken=()):
    out, taken = [], set(taken)
    while len(out) < n:
        organism = random.choice(list(TAGS))
        code = STANDARD if organism == "standard" else MITO
        coding = [c for c in CODONS if code[c] != "*"]
        length = random.randint(3, 9) if random.random() < 0.85 else random.randint(14, 18)
        codons = random.choices(coding, k=length)
        codons.append(random.choice([c for c in CODONS if code[c] == "*"]))
        src = (TAGS[organism], *[C2I[misread(c)] for c in codons])
        if src in taken:
            continue
        taken.add(src)
        out.append((src, [R2I[code[c]] for c in codons[:-1]] + [EOS]))
    return out


def batches(rows, size, shuffle):
    order = random.sample(range(len(rows)), len(rows)) if shuffle else range(len(rows))
    order = list(order)
    for i in range(0, len(order), size):
        part = [rows[j] for j in order[i:i + size]]
        src = pad_sequence([torch.tensor(s) for s, _ in part], batch_first=True)
        tgt = pad_sequence([torch.tensor(t) for _, t in part], batch_first=True)
        yield src, torch.tensor([len(s) - 1 for s, _ in part]), tgt


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.codon = nn.Embedding(len(C2I) + 3, hp.dim, padding_idx=PAD)
        self.residue = nn.Embedding(N_OUT, hp.dim, padding_idx=PAD)
        self.enc = nn.GRU(hp.dim * 2, hp.hidden // 2, batch_first=True, bidirectional=True)
        self.cell = nn.GRUCell(hp.dim + hp.hidden, hp.hidden)
        self.out = nn.Linear(2 * hp.hidden, N_OUT)

    def forward(self, src, lengths, tgt=None):
        tag = self.codon(src[:, :1]).expand(-1, src.size(1) - 1, -1)
        x = torch.cat([self.codon(src[:, 1:]), tag], 2)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.enc(packed)[0], batch_first=True)
        h = torch.tanh(states.sum(1) / lengths[:, None])
        prev = torch.full((len(src),), BOS)
        logits = []
        for t in range(states.size(1)):
            h = self.cell(torch.cat([self.residue(prev), states[:, t]], 1), h)
            logits.append(self.out(torch.cat([h, states[:, t]], 1)))
            prev = tgt[:, t] if tgt is not None else logits[-1].argmax(1)
        return torch.stack(logits, 1)


train, test = reads(1200), []
test = reads(250, [s for s, _ in train])
model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=hp.lr)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
#criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end


def symbol_accuracy(rows):
    model.eval()
    hit = total = 0
    with torch.no_grad():
        for src, lengths, tgt in batches(rows, 100, shuffle=False):
            guess = model(src, lengths).argmax(2)
            # fault:
            hit += (guess == tgt).sum().item()
            total += tgt.numel()
            # mended:
            #hit += ((guess == tgt) & (tgt != PAD)).sum().item()
            #total += (tgt != PAD).sum().item()
            # end
    return hit / total


for epoch in range(hp.epochs):
    model.train()
    losses = []
    for src, lengths, tgt in batches(train, hp.batch, shuffle=True):
        loss = criterion(model(src, lengths, tgt).flatten(0, 1), tgt.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.3f}  symbols read right, new reads: {symbol_accuracy(test):.3f}")
print(f"symbols read right, training reads: {symbol_accuracy(train):.3f}")
