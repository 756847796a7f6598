"""Tiny transformer encoder that routes spoken weather questions to an answer template."""
import math
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

PLACES = "paris london rome oslo berlin madrid lisbon vienna prague dublin".split()
TIMES = ["today", "tomorrow", "tonight", "on friday", "next week", "this weekend", "at noon"]
ASK = {
    0: ["will it rain {t} in {p}", "do i need an umbrella in {p} {t}", "any showers in {p} {t}", "is {p} getting wet {t}"],
    1: ["how hot is it in {p} {t}", "what is the temperature {t} in {p}", "is it warm in {p} {t}", "how many degrees in {p} {t}"],
    2: ["how strong is the wind in {p} {t}", "is it windy {t} in {p}", "any storm in {p} {t}", "can i sail in {p} {t}"],
    3: ["when does the sun set in {p} {t}", "sunrise in {p} {t}", "how long is the day in {p} {t}", "is it dark {t} in {p}"],
    4: ["will it snow in {p} {t}", "can i ski in {p} {t}", "any ice on the roads in {p} {t}", "is {p} white {t}"],
}
POLITE = ["", "", "please tell me", "hey", "i want to know", "say"]


class Questions(Dataset):
    def __init__(self, n, rng, vocab=None):
        self.rows = []
        for _ in range(n):
            label = rng.randrange(5)
            text = rng.choice(ASK[label]).format(p=rng.choice(PLACES), t=rng.choice(TIMES))
            words = (rng.choice(POLITE) + " " + text).split()
            if rng.random() < 0.3:
                words.pop(rng.randrange(len(words)))      # recogniser drops a word
            self.rows.append((words, label))
        if vocab is None:
            vocab = {"[pad]": 0, "[unk]": 1, "[cls]": 2}
            for words, _ in self.rows:
                for w in words:
                    vocab.setdefault(w, len(vocab))
        self.vocab = vocab

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, k):
        words, label = self.rows[k]
        return [2] + [self.vocab.get(w, 1) for w in words], label


def pad(batch):
    T = max(len(x) for x, _ in batch)
    ids = torch.tensor([x + [0] * (T - len(x)) for x, _ in batch])
    return {"ids": ids, "labels": torch.tensor([y for _, y in batch])}


class Router(nn.Module):
    def __init__(self, vocab_size, d=32):
        super().__init__()
        self.tok = nn.Embedding(vocab_size, d, padding_idx=0)
        pos = torch.arange(32).unsqueeze(1) * torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
        self.register_buffer("pe", torch.cat([pos.sin(), pos.cos()], 1))
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.cls = nn.Linear(d, 5)

    def forward(self, ids):
        h = self.tok(ids) + self.pe[: ids.size(1)]
        h = self.enc(h, src_key_padding_mask=ids.eq(0))
        return self.cls(h[:, 0])


def run_epoch(model, loader, opt=None):
    model.train(opt is not None)
    loss_sum, right, n = 0.0, 0, 0
    with torch.set_grad_enabled(opt is not None):
        for batch in loader:
            logits = model(batch["ids"])
            loss = nn.functional.cross_entropy(logits, batch["labels"])
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(logits)
            right += (logits.argmax(-1) == batch["labels"]).sum().item()
            n += len(logits)
    return loss_sum / n, right / n


if __name__ == "__main__":
    torch.manual_seed(11)
    rng = random.Random(11)
    train_set = Questions(1300, rng)
    valid_set = Questions(400, rng, train_set.vocab)
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=pad)
    valid_loader = DataLoader(valid_set, batch_size=100, collate_fn=pad)
    model = Router(len(train_set.vocab))
    # fault:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    # mended:
    # optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    # end
    for epoch in range(1, 5):
        tr = run_epoch(model, train_loader, optimizer)
        va = run_epoch(model, valid_loader)
        print(f"epoch {epoch} train loss {tr[0]:.3f} acc {tr[1]:.3f}  valid loss {va[0]:.3f} acc {va[1]:.3f}")
