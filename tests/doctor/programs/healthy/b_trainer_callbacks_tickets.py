"""Support tickets -> several tags. Trainer with callbacks; early stopping puts the best weights back."""
import copy
import csv
import random
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

TAGS = ["billing", "login", "crash", "shipping", "feature", "refund"]
CUES = {
    "billing": "invoice charged vat card statement payment receipt".split(),
    "login": "password locked 2fa signin account reset token".split(),
    "crash": "freezes exception stacktrace segfault blackscreen restart hang".split(),
    "shipping": "parcel courier tracking delivery customs depot late".split(),
    "feature": "wish darkmode export shortcut integrate roadmap plugin".split(),
    "refund": "moneyback cancel return reimburse chargeback dispute trial".split(),
}
COMMON = "hello hi team since yesterday i cannot the your app site order when after my it still and please help thanks why not can we on with again version".split()


class Tickets(Dataset):
    def __init__(self, n, seed):
        r = random.Random(seed)
        self.rows = []
        for _ in range(n):
            tags = [t for t in TAGS if r.random() < 0.28] or [r.choice(TAGS)]
            toks = [r.choice(COMMON) for _ in range(r.randint(8, 30))]
            for t in tags:
                if r.random() < 0.95:
                    toks += r.sample(CUES[t], r.randint(1, 2))
            if r.random() < 0.15:
                toks.append(r.choice(CUES[r.choice(TAGS)]))
            r.shuffle(toks)
            self.rows.append((toks, [float(t in tags) for t in TAGS]))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return {"tokens": self.rows[i][0], "tags": self.rows[i][1]}


class Collate:
    def __init__(self, stoi):
        self.stoi = stoi

    def __call__(self, items):
        ids = [torch.tensor([self.stoi.get(w, 1) for w in it["tokens"]]) for it in items]
        ids = nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=0)
        return {"input_ids": ids, "attention_mask": (ids != 0).long(), "labels": torch.tensor([it["tags"] for it in items])}


class Tagger(nn.Module):
    """One learned query per tag looks over the ticket."""

    def __init__(self, n_words, dim=32):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        self.queries = nn.Parameter(torch.randn(len(TAGS), dim) / dim ** 0.5)
        self.drop = nn.Dropout(0.2)
        self.score = nn.Parameter(torch.randn(len(TAGS), dim) / dim ** 0.5)
        self.bias = nn.Parameter(torch.zeros(len(TAGS)))

    def forward(self, input_ids, attention_mask, **_):
        e = self.drop(self.words(input_ids))
        a = torch.einsum("btd,kd->bkt", e, self.queries).masked_fill(attention_mask[:, None] == 0, float("-inf")).softmax(-1)
        return ((a @ e) * self.score).sum(-1) + self.bias


class Callback:
    def on_epoch_end(self, trainer, logs): ...
    def on_train_end(self, trainer): ...


class CSVLogger(Callback):
    def __init__(self, path):
        self.path, self.rows = path, []

    def on_epoch_end(self, trainer, logs):
        self.rows.append(logs)

    def on_train_end(self, trainer):
        with open(self.path, "w", newline="") as f:
            w = csv.DictWriter(f, self.rows[0].keys()); w.writeheader(); w.writerows(self.rows)


class EarlyStopping(Callback):
    def __init__(self, monitor="val_f1", patience=2):
        self.monitor, self.patience, self.best, self.bad = monitor, patience, -1.0, 0

    def on_epoch_end(self, trainer, logs):
        if logs[self.monitor] > self.best + 1e-4:
            self.best, self.bad, self.state = logs[self.monitor], 0, copy.deepcopy(trainer.model.state_dict())
        else:
            self.bad += 1
            trainer.stop = self.bad >= self.patience

    def on_train_end(self, trainer):
        trainer.model.load_state_dict(self.state)
        print(f"restored the weights of {self.monitor}={self.best:.4f}")


class Trainer:
    def __init__(self, model, optimizer, loss, callbacks):
        self.model, self.optimizer, self.loss, self.callbacks, self.stop = model, optimizer, loss, callbacks, False

    def fit(self, train, val, max_epochs):
        for epoch in range(max_epochs):
            self.model.train()
            seen = total = 0
            for batch in train:
                self.optimizer.zero_grad()
                loss = self.loss(self.model(**batch), batch["labels"])
                loss.backward()
                self.optimizer.step()
                total += loss.item() * len(batch["labels"]); seen += len(batch["labels"])
            logs = {"epoch": epoch, "loss": total / seen, **{f"val_{k}": v for k, v in self.validate(val).items()}}
            print("  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in logs.items()))
            for cb in self.callbacks:
                cb.on_epoch_end(self, logs)
            if self.stop:
                break
        for cb in self.callbacks:
            cb.on_train_end(self)

    @torch.no_grad()
    def validate(self, loader):
        self.model.eval()
        Z, Y = zip(*[(self.model(**b), b["labels"]) for b in loader])
        Z, Y = torch.cat(Z), torch.cat(Y)
        P = (Z > 0).float()
        tp = (P * Y).sum()
        return {"loss": self.loss(Z, Y).item(), "f1": (2 * tp / (P.sum() + Y.sum())).item(), "exact": (P == Y).all(1).float().mean().item()}


if __name__ == "__main__":
    torch.manual_seed(8)
    train, val, test = Tickets(2600, 1), Tickets(500, 2), Tickets(500, 3)
    stoi = {"<pad>": 0, "<unk>": 1}
    for toks, _ in train.rows:
        for w in toks:
            stoi.setdefault(w, len(stoi))
    c = Collate(stoi)
    tl, vl, sl = DataLoader(train, 32, shuffle=True, collate_fn=c), DataLoader(val, 250, collate_fn=c), DataLoader(test, 250, collate_fn=c)
    model = Tagger(len(stoi))
    tr = Trainer(model, torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-3), nn.BCEWithLogitsLoss(), [CSVLogger("log.csv"), EarlyStopping()])
    tr.fit(tl, vl, max_epochs=12)
    print("test", {k: round(v, 4) for k, v in tr.validate(sl).items()})
