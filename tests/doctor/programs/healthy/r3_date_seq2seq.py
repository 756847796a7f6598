# date normaliser: "12 march 1987" / "mar 12, 87" -> "1987-03-12", GRU + Luong attention, characters
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

config = {"seed": 10, "train": 3200, "test": 250, "emb": 20, "hid": 72, "lr": 6e-3, "epochs": 5, "batch": 80, "tf": 1.0}
random.seed(config["seed"])
torch.manual_seed(config["seed"])
MONTHS = "january february march april may june july august september october november december".split()
PAD, BOS, EOS = 0, 1, 2


def sample_date():
    y, m, d = random.randint(1950, 2029), random.randint(1, 12), random.randint(1, 28)
    name = random.choice([MONTHS[m - 1], MONTHS[m - 1][:3]])
    src = random.choice([f"{d} {name} {y}", f"{name} {d}, {y}", f"{y}/{m}/{d}", f"{d}.{m}.{y}"])
    return src, f"{y}-{m:02d}-{d:02d}"


pairs, taken = [], set()
while len(pairs) < config["train"] + config["test"]:
    s, t = sample_date()
    if s not in taken:
        taken.add(s)
        pairs.append((s, t))
test_pairs, train_pairs = pairs[:config["test"]], pairs[config["test"]:]
held = {t for _, t in test_pairs}
train_pairs = [p for p in train_pairs if p[1] not in held]
chars = sorted({c for s, t in pairs for c in s + t})
c2i = {c: i + 3 for i, c in enumerate(chars)}
i2c = {i: c for c, i in c2i.items()}
V = len(c2i) + 3
print("pairs", len(train_pairs), len(test_pairs), "symbols", V)


def tensorise(part):
    def block(seqs):
        T = max(map(len, seqs))
        return torch.tensor([s + [PAD] * (T - len(s)) for s in seqs])
    src = block([[c2i[c] for c in s] for s, _ in part])
    tgt = block([[BOS] + [c2i[c] for c in t] + [EOS] for _, t in part])
    return src, tgt


class Seq2Seq(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.emb = nn.Embedding(V, emb, padding_idx=PAD)
        self.enc = nn.GRU(emb, hid // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(emb, hid, batch_first=True)
        self.att = nn.Linear(hid, hid, bias=False)
        self.mix = nn.Linear(2 * hid, emb)
        self.bias = nn.Parameter(torch.zeros(V))

    def encode(self, src):
        lens = (src != PAD).sum(1)
        e = nn.utils.rnn.pack_padded_sequence(self.emb(src), lens, batch_first=True, enforce_sorted=False)
        out, h = self.enc(e)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return out, torch.cat([h[0], h[1]], 1).unsqueeze(0)

    def decode(self, tok, h, mem, src_pad):
        q, h = self.dec(self.emb(tok), h)
        s = (self.att(q) @ mem.transpose(1, 2)).masked_fill(src_pad.unsqueeze(1), -1e4)
        ctx = s.softmax(-1) @ mem
        z = torch.tanh(self.mix(torch.cat([q, ctx], -1)))
        return z @ self.emb.weight.T + self.bias, h

    def forward(self, src, tgt_in):
        mem, h = self.encode(src)
        return self.decode(tgt_in, h, mem, src == PAD)[0]

    @torch.no_grad()
    def translate(self, src, limit=14):
        mem, h = self.encode(src)
        tok = torch.full((len(src), 1), BOS)
        out, done = [], torch.zeros(len(src), dtype=torch.bool)
        for _ in range(limit):
            logits, h = self.decode(tok, h, mem, src == PAD)
            tok = logits.argmax(-1)
            out.append(tok.masked_fill(done.unsqueeze(1), PAD))
            done |= tok.squeeze(1) == EOS
            if done.all():
                break
        return torch.cat(out, 1)


def to_text(ids):
    s = ""
    for i in ids:
        if i == EOS:
            break
        s += i2c.get(i, "")
    return s


def exact(model, part):
    model.eval()
    src, _ = tensorise(part)
    return sum(to_text(o) == t for o, (_, t) in zip(model.translate(src).tolist(), part)) / len(part)


model = Seq2Seq(config["emb"], config["hid"])
opt = torch.optim.Adam(model.parameters(), lr=config["lr"])
n_steps = config["epochs"] * -(-len(train_pairs) // config["batch"])
sched = torch.optim.lr_scheduler.OneCycleLR(opt, config["lr"], total_steps=n_steps)
start = time.time()
for epoch in range(config["epochs"]):
    model.train()
    random.shuffle(train_pairs)
    total = 0.0
    for i in range(0, len(train_pairs), config["batch"]):
        src, tgt = tensorise(train_pairs[i:i + config["batch"]])
        logits = model(src, tgt[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / (i // config['batch'] + 1):.4f} exact match {exact(model, test_pairs):.3f}")
print(f"train exact {exact(model, train_pairs[:250]):.3f} test exact {exact(model, test_pairs):.3f}")
src, _ = tensorise(test_pairs[:4])
for (s, t), o in zip(test_pairs, model.translate(src).tolist()):
    print(f"   {s!r} -> {to_text(o)} ({t})")
