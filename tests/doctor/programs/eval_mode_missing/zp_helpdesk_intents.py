import random
from dataclasses import dataclass

import torch
from torch import nn, optim
from torch.nn.utils.rnn import pad_sequence


@dataclass
class Config:
    seed: int = 7
    n_train: int = 3000
    n_valid: int = 600
    emb: int = 32
    hidden: int = 48
    p_drop: float = 0.6
    lr: float = 4e-3
    epochs: int = 7
    batch: int = 50


CUES = {
    "refund": "refund money return back charge reimburse paid".split(),
    "login": "password login account locked sign username reset".split(),
    "delivery": "parcel shipping courier late arrive tracking delivery".split(),
    "cancel": "cancel stop end subscription terminate quit plan".split(),
    "bug": "crash error freeze broken screen bug glitch".split(),
    "invoice": "invoice bill receipt tax charge vat pdf".split(),
    "upgrade": "upgrade premium plan seats more tier account".split(),
    "praise": "thanks great love helpful nice awesome kind".split(),
}
FILLER = ("i the my to a is it please can you was for and not with have this on me hello hi just need would "
          "like today yesterday again still already since week order team").split()
INTENTS = sorted(CUES)


def sample(rnd):
    y = rnd.randrange(len(INTENTS))
    n = rnd.randint(5, 14)
    words = [rnd.choice(FILLER) for _ in range(n)]
    for _ in range(3):
        words[rnd.randrange(n)] = rnd.choice(CUES[INTENTS[y]])
    if rnd.random() < 0.6:          # people mention other things, too
        words.insert(rnd.randrange(n), rnd.choice(CUES[rnd.choice(INTENTS)]))
    return words, y


class IntentNet(nn.Module):
    def __init__(self, vocab, cfg):
        super().__init__()
        self.emb = nn.Embedding(vocab, cfg.emb, padding_idx=0)
        self.drop = nn.Dropout(cfg.p_drop)
        self.hidden = nn.Linear(cfg.emb, cfg.hidden)
        self.out = nn.Linear(cfg.hidden, len(INTENTS))

    def forward(self, tokens):
        real = tokens.ne(0)
        e = self.drop(self.emb(tokens)).masked_fill(~real[..., None], 0.0)
        h = e.sum(1) / real.sum(1, keepdim=True)
        h = self.drop(torch.relu(self.hidden(h)))
        return self.out(h)


def batches(rows, size, rnd=None):
    order = list(range(len(rows)))
    if rnd:
        rnd.shuffle(order)
    for s in range(0, len(order), size):
        part = [rows[i] for i in order[s:s + size]]
        yield pad_sequence([x for x, _ in part], batch_first=True), torch.tensor([y for _, y in part])


def evaluate(model, rows, cfg):
    # fault:
    with torch.no_grad():
        right = sum((model(x).argmax(-1) == y).sum().item() for x, y in batches(rows, cfg.batch))
    # mended:
    # model.eval()
    # with torch.no_grad():
    #     right = sum((model(x).argmax(-1) == y).sum().item() for x, y in batches(rows, cfg.batch))
    # model.train()
    # end
    return right / len(rows)


def main(cfg):
    rnd = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    raw = [sample(rnd) for _ in range(cfg.n_train + cfg.n_valid)]
    vocab = {w: i + 1 for i, w in enumerate(sorted({w for ws, _ in raw[:cfg.n_train] for w in ws}))}
    rows = [(torch.tensor([vocab[w] for w in ws if w in vocab]), y) for ws, y in raw]
    train, valid = rows[:cfg.n_train], rows[cfg.n_train:]

    model = IntentNet(len(vocab) + 1, cfg)
    opt = optim.Adam(model.parameters(), lr=cfg.lr)
    xent = nn.CrossEntropyLoss()
    for epoch in range(cfg.epochs):
        tot = 0.0
        for x, y in batches(train, cfg.batch, rnd):
            opt.zero_grad()
            loss = xent(model(x), y)
            loss.backward()
            opt.step()
            tot += loss.item() * len(y)
        print(f"[{epoch}] loss={tot / len(train):.3f} valid_acc={evaluate(model, valid, cfg):.3f}")
    print(f"final valid accuracy {evaluate(model, valid, cfg):.3f} over {len(INTENTS)} intents")


if __name__ == "__main__":
    main(Config())
