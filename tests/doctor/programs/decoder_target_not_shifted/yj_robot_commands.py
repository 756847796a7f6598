"""Robot commands to actions, after SCAN (Lake & Baroni): "walk left twice after jump" -> JUMP LTURN WALK LTURN WALK"""
import itertools
import random

import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)

VERBS = ["walk", "run", "jump", "look", "crawl", "dance", "wave"]
TURN = {"": [], "left": ["LTURN"], "right": ["RTURN"], "back": ["RTURN", "RTURN"]}
TIMES = {"": 1, "twice": 2}
phrases = []
for v, d, t in itertools.product(VERBS, TURN, TIMES):
    phrases.append(([w for w in (v, d, t) if w], (TURN[d] + [v.upper()]) * TIMES[t]))
pairs = []
for (c1, a1), (c2, a2) in itertools.product(phrases, phrases):
    pairs.append((c1 + ["and"] + c2, a1 + a2))
    pairs.append((c1 + ["after"] + c2, a2 + a1))
random.shuffle(pairs)
train, test = pairs[:3200], pairs[3200:3600]

src_ix = {w: i for i, w in enumerate(["<pad>"] + sorted({w for c, _ in pairs for w in c}))}
tgt_ix = {w: i for i, w in enumerate(["<pad>", "<s>", "</s>"] + sorted({w for _, a in pairs for w in a}))}


def tensorize(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    lens = [len(c) for c, _ in rows]
    m = max(len(a) for _, a in rows) + 2
    src = torch.tensor([[src_ix[w] for w in c] + [0] * (lens[0] - len(c)) for c, _ in rows])
    tgt = torch.tensor([[1] + [tgt_ix[w] for w in a] + [2] + [0] * (m - len(a) - 2) for _, a in rows])
    return src, lens, tgt


class Seq2Seq(nn.Module):
    def __init__(self, dim=80):
        super().__init__()
        self.src_emb = nn.Embedding(len(src_ix), 32, padding_idx=0)
        self.tgt_emb = nn.Embedding(len(tgt_ix), 32, padding_idx=0)
        self.encoder = nn.GRU(32, dim, batch_first=True)
        self.decoder = nn.GRU(32, dim, batch_first=True)
        self.proj = nn.Linear(dim, len(tgt_ix))

    def encode(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.src_emb(src), lens, batch_first=True)
        return self.encoder(packed)[1]

    def forward(self, src, lens, dec_in):
        out, _ = self.decoder(self.tgt_emb(dec_in), self.encode(src, lens))
        return self.proj(out)

    @torch.no_grad()
    def translate(self, src, lens, limit=14):
        h = self.encode(src, lens)
        tok = torch.ones(len(src), 1, dtype=torch.long)
        res = []
        for _ in range(limit):
            o, h = self.decoder(self.tgt_emb(tok), h)
            tok = self.proj(o).argmax(2)
            res.append(tok)
        return torch.cat(res, 1)


def sequence_accuracy(model, rows):
    model.eval()
    src, lens, tgt = tensorize(rows)
    hyp = model.translate(src, lens)
    good = 0
    for h, t in zip(hyp.tolist(), tgt[:, 1:].tolist()):
        h = h[:h.index(2)] if 2 in h else h
        good += h == t[:t.index(2)]
    return good / len(rows)


model = Seq2Seq()
loss_fn = nn.CrossEntropyLoss(ignore_index=0)
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6, eta_min=2e-4)
for epoch in range(6):
    model.train()
    random.shuffle(train)
    losses = []
    for k in range(0, len(train), 64):
        src, lens, tgt = tensorize(train[k:k + 64])
        gold = tgt[:, 1:]
        # fault:
        logits = model(src, lens, tgt[:, 1:])
        # mended:
        # logits = model(src, lens, tgt[:, :-1])
        # end
        loss = loss_fn(logits.reshape(-1, logits.size(-1)), gold.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    print(f"epoch {epoch + 1}: train loss {sum(losses) / len(losses):.4f}   greedy, test: {sequence_accuracy(model, test):.3f}")
print(f"greedy, train: {sequence_accuracy(model, train[:400]):.3f}")
