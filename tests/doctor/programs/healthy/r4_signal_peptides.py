"""Residue tagging: cleavage sites and glycosylation motifs in peptides. Both tags are rare (about 4 % of the residues each),
hence the class weights; reported is F1 of each rare tag, not accuracy."""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

AA = "ACDEFGHIKLMNPQRSTVWY"
A2I = {a: i + 1 for i, a in enumerate(AA)}
TAGS = ["none", "cleavage", "glyco"]


@dataclass
class Args:
    n_train: int = 700
    n_valid: int = 250
    dim: int = 16
    channels: int = 40
    lr: float = 5e-3
    batch: int = 35
    epochs: int = 10


def peptide():
    n = random.randint(20, 50)
    seq = random.choices(AA, k=n)
    for _ in range(random.randint(0, 2)):
        i = random.randrange(n - 4)
        seq[i:i + 3] = ["N", random.choice(AA), random.choice("ST")]
    for _ in range(random.randint(0, 2)):
        i = random.randrange(n - 4)
        seq[i:i + 3] = [random.choice("KR"), random.choice("KR"), random.choice("AGSL")]
    tags = [0] * n
    for i in range(n - 2):
        if seq[i] == "N" and seq[i + 1] != "P" and seq[i + 2] in "ST":
            tags[i] = 2
        if seq[i] in "KR" and seq[i + 1] in "KR" and seq[i + 2] not in "PDE":
            tags[i + 1] = 1
    for i in range(n):                       # annotators' misses
        if tags[i] and random.random() < 0.05:
            tags[i] = 0
    return "".join(seq), tags


class MotifTagger(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.embed = nn.Embedding(len(AA) + 1, a.dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(a.dim, a.channels, 3, padding=1), nn.Conv1d(a.channels, a.channels, 3, padding=1)])
        self.norm = nn.LayerNorm(a.channels)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(a.channels, len(TAGS))

    def forward(self, ids):
        keep = (ids != 0).unsqueeze(1)
        h = self.embed(ids).transpose(1, 2)
        for conv in self.convs:
            h = torch.relu(conv(h)) * keep
        return self.out(self.drop(self.norm(h.transpose(1, 2))))


class Trainer:
    def __init__(self, args):
        self.args = args
        seen = set()
        self.train_rows, self.valid_rows = self.draw(args.n_train, seen), self.draw(args.n_valid, seen)
        self.model = MotifTagger(args)
        counts = torch.bincount(torch.tensor([t for _, tags in self.train_rows for t in tags]), minlength=3).float()
        weight = (counts.sum() / counts).sqrt()
        self.loss = nn.CrossEntropyLoss(weight=weight / weight.mean(), ignore_index=-1)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=args.lr, weight_decay=0.01)
        print("share of the tags:", [round(x, 3) for x in (counts / counts.sum()).tolist()])

    @staticmethod
    def draw(n, seen):
        rows = []
        while len(rows) < n:
            seq, tags = peptide()
            if seq not in seen:
                seen.add(seq)
                rows.append((seq, tags))
        return rows

    @staticmethod
    def tensors(rows):
        x = pad_sequence([torch.tensor([A2I[c] for c in s]) for s, _ in rows], batch_first=True)
        y = pad_sequence([torch.tensor(t) for _, t in rows], batch_first=True, padding_value=-1)
        return x, y

    def f1(self, rows):
        self.model.eval()
        x, y = self.tensors(rows)
        with torch.no_grad():
            guess = self.model(x).argmax(-1)
        scores = {}
        for k in (1, 2):
            tp = ((guess == k) & (y == k)).sum().item()
            wrong = ((guess == k) & (y >= 0) & (y != k)).sum().item()
            missed = ((guess != k) & (y == k)).sum().item()
            scores[TAGS[k]] = round(2 * tp / max(1, 2 * tp + wrong + missed), 3)
        return scores

    def fit(self):
        for epoch in range(1, self.args.epochs + 1):
            self.model.train()
            random.shuffle(self.train_rows)
            total = 0.0
            for i in range(0, len(self.train_rows), self.args.batch):
                x, y = self.tensors(self.train_rows[i:i + self.args.batch])
                loss = self.loss(self.model(x).flatten(0, 1), y.flatten())
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                total += loss.item()
            if epoch % 2 == 0:
                print(f"epoch {epoch:2d}  loss {total * self.args.batch / len(self.train_rows):.4f}  F1 on validation {self.f1(self.valid_rows)}")
        print("F1 on training peptides", self.f1(self.train_rows))


if __name__ == "__main__":
    random.seed(61)
    torch.manual_seed(61)
    Trainer(Args()).fit()
