# truecaser for ASR output: lower-cased tokens in, case pattern out
# python truecase.py   (Brown, takes a few seconds)
import gzip
import os
import random
from collections import Counter

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

CFG = {
    "seed": 5,
    "n_train": 3000,
    "n_valid": 500,
    "max_len": 18,
    "vocab": 4000,
    "emb": 32,
    "hid": 32,
    "lr": 8e-3,
    "epochs": 5,
    "batch": 64,
    "dropout": 0.3,
}
CASES = ["lower", "cap", "none"]  # none: digits, punctuation
# fault:
TAG_PAD = 0
# mended:
#TAG_PAD = -1
# end

random.seed(CFG["seed"])
torch.manual_seed(CFG["seed"])


def case_of(tok):
    if not any(ch.isalpha() for ch in tok):
        return 2
    return int(tok[0].isupper())


def load():
    path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz")
    sents, seen = [], set()
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            toks = line.split()
            key = line.lower()
            if 5 <= len(toks) <= CFG["max_len"] and not line.isupper() and key not in seen:
                seen.add(key)
                sents.append(toks)
            if len(sents) == 12000:
                break
    random.shuffle(sents)
    return sents[: CFG["n_train"]], sents[CFG["n_train"]: CFG["n_train"] + CFG["n_valid"]]


class CaseData(Dataset):
    def __init__(self, sents, stoi):
        self.rows = []
        for toks in sents:
            ids = torch.tensor([stoi.get(t.lower(), 1) for t in toks])
            self.rows.append((ids, torch.tensor([case_of(t) for t in toks])))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    xs, ys = zip(*batch)
    x = pad_sequence(xs, batch_first=True, padding_value=0)
    y = pad_sequence(ys, batch_first=True, padding_value=TAG_PAD)
    return x, y, torch.tensor([len(v) for v in xs])


class Truecaser(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.emb = nn.Embedding(n_words, CFG["emb"], padding_idx=0)
        self.drop = nn.Dropout(CFG["dropout"])
        self.rnn = nn.GRU(CFG["emb"], CFG["hid"], batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * CFG["hid"], len(CASES))

    def forward(self, x, lens):
        e = self.drop(self.emb(x))
        packed = nn.utils.rnn.pack_padded_sequence(e, lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.out(self.drop(h))


class Trainer:
    def __init__(self, model, train_dl, valid_dl):
        self.model, self.train_dl, self.valid_dl = model, train_dl, valid_dl
        self.opt = torch.optim.Adam(model.parameters(), lr=CFG["lr"])
        self.loss_fn = nn.CrossEntropyLoss(ignore_index=TAG_PAD)

    def step(self, x, y, lens):
        logits = self.model(x, lens)
        return logits, self.loss_fn(logits.reshape(-1, len(CASES)), y.reshape(-1))

    def run_epoch(self):
        self.model.train()
        losses = []
        for batch in self.train_dl:
            self.opt.zero_grad()
            _, loss = self.step(*batch)
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
            self.opt.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        losses, gold, pred = [], [], []
        for x, y, lens in self.valid_dl:
            logits, loss = self.step(x, y, lens)
            losses.append(loss.item())
            for row_logits, row_y, n in zip(logits, y, lens.tolist()):
                pred += row_logits[:n].argmax(-1).tolist()
                gold += row_y[:n].tolist()
        return sum(losses) / len(losses), gold, pred

    def fit(self):
        for ep in range(CFG["epochs"]):
            tr = self.run_epoch()
            va, gold, pred = self.validate()
            acc = sum(g == p for g, p in zip(gold, pred)) / len(gold)
            print(f"[{ep + 1}] train loss {tr:.4f}  valid loss {va:.4f}  valid token acc {acc:.4f}")
        for c, name in enumerate(CASES):
            tp = sum(g == p == c for g, p in zip(gold, pred))
            f1 = 2 * tp / max(1, sum(g == c for g in gold) + sum(p == c for p in pred))
            print(f"   {name:<6} f1 {f1:.3f}  support {sum(g == c for g in gold)}")


if __name__ == "__main__":
    train, valid = load()
    freq = Counter(t.lower() for s in train for t in s)
    stoi = {w: i + 2 for i, (w, _) in enumerate(freq.most_common(CFG["vocab"]))}
    print("train", len(train), "valid", len(valid), "vocab", len(stoi) + 2)
    tr = DataLoader(CaseData(train, stoi), batch_size=CFG["batch"], shuffle=True, collate_fn=collate)
    va = DataLoader(CaseData(valid, stoi), batch_size=128, collate_fn=collate)
    Trainer(Truecaser(len(stoi) + 2), tr, va).fit()
