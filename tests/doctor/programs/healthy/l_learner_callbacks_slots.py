# port of an old fastai-0.7-ish Learner with callbacks; BiLSTM slot tagger for made-up travel requests
import random, math
from functools import partial
import numpy as np
import torch
from torch import nn

random.seed(3); np.random.seed(3); torch.manual_seed(3)

CITIES = "paris london rome oslo madrid berlin lisbon vienna dublin athens cairo delhi tokyo quito lima boston".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday tomorrow today".split()
CARR = "lufthansa ryanair swiss delta klm iberia".split()
PAT = ["i want to fly from {F} to {T} on {D}", "{D} flights from {F} to {T} with {C} please", "is there a {C} flight to {T} on {D}",
       "show me the cheapest ticket to {T} leaving {F} {D}", "going to {T} from {F}", "what does {C} charge from {F} to {T}",
       "book {C} out of {F} for {D}", "{F} to {T} {D} morning", "we need two seats to {T} and we are leaving {F} on {D} evening"]
TAGS = ["O", "F", "T", "D", "C"]


def utter():
    f, t = random.sample(CITIES, 2)
    fill = {"{F}": f, "{T}": t, "{D}": random.choice(DAYS), "{C}": random.choice(CARR)}
    ws, ts = [], []
    for w in random.choice(PAT).split():
        ws.append(fill.get(w, w)); ts.append(TAGS.index(w[1]) if w in fill else 0)
        if random.random() < .06:
            ws.append(random.choice(["uh", "um", "er"])); ts.append(0)
    return tuple(ws), tuple(ts)


pool = list({utter() for _ in range(3200)})
pool.sort(); random.shuffle(pool)
trn, val = pool[400:2000], pool[:400]
stoi = {w: i + 1 for i, w in enumerate(sorted({w for ws, _ in trn for w in ws}))}


class DataBunch:
    def __init__(self, rows, bs, shuffle):
        self.rows, self.bs, self.shuffle = rows, bs, shuffle

    def __len__(self):
        return math.ceil(len(self.rows) / self.bs)

    def __iter__(self):
        r = random.sample(self.rows, len(self.rows)) if self.shuffle else self.rows
        for i in range(0, len(r), self.bs):
            b = r[i:i + self.bs]
            T = max(len(w) for w, _ in b)
            xb = torch.tensor([[stoi.get(w, 0) for w in ws] + [len(stoi) + 1] * (T - len(ws)) for ws, _ in b])
            yb = torch.tensor([list(ts) + [-100] * (T - len(ts)) for _, ts in b])
            yield xb, yb


class Callback:
    def on_batch_begin(self, learn): pass
    def on_epoch_end(self, learn, stats): pass


class OneCycle(Callback):
    def __init__(self, top): self.top, self.n = top, 0
    def on_batch_begin(self, learn):
        p = self.n / learn.total
        f = p / .3 if p < .3 else (1 + math.cos(math.pi * (p - .3) / .7)) / 2
        for g in learn.opt.param_groups:
            g["lr"] = self.top * max(f, .02)
        self.n += 1


class Recorder(Callback):
    def on_epoch_end(self, learn, stats): print("  ".join(f"{k} {v:.4f}" for k, v in stats.items()))


class Tagger(nn.Module):
    def __init__(self, nv, nt, d=20, h=24):
        super().__init__()
        self.enc = nn.Embedding(nv + 2, d, padding_idx=nv + 1)
        self.rnn = nn.LSTM(d, h, bidirectional=True, batch_first=True)
        self.head = nn.Linear(2 * h, nt)

    def forward(self, x):
        lens = (x != self.enc.padding_idx).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.enc(x), lens, batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(p)[0], batch_first=True, total_length=x.size(1))
        return self.head(out)


def flat_ce(inp, targ): return nn.functional.cross_entropy(inp.flatten(0, 1), targ.flatten(), ignore_index=-100)


class Learner:
    def __init__(self, dls, model, loss_func, opt_func, cbs):
        self.dls, self.model, self.loss_func, self.cbs = dls, model, loss_func, cbs
        self.opt = opt_func(model.parameters())

    def run(self, dl, train):
        self.model.train(train); tot = n = ok = slots = 0
        for xb, yb in dl:
            with torch.set_grad_enabled(train):
                pred = self.model(xb); loss = self.loss_func(pred, yb)
            if train:
                for cb in self.cbs: cb.on_batch_begin(self)
                self.opt.zero_grad(); loss.backward(); self.opt.step()
            tot += loss.item(); n += 1
            m = yb > 0
            ok += (pred.argmax(-1)[m] == yb[m]).sum().item(); slots += m.sum().item()
        return tot / n, ok / slots

    def fit(self, epochs):
        self.total = epochs * len(self.dls[0])
        for e in range(epochs):
            tl, _ = self.run(self.dls[0], True)
            vl, acc = self.run(self.dls[1], False)
            for cb in self.cbs: cb.on_epoch_end(self, {"epoch": e, "trn": tl, "val": vl, "slot_acc": acc})


learn = Learner((DataBunch(trn, 32, True), DataBunch(val, 100, False)), Tagger(len(stoi), len(TAGS)), flat_ce,
                partial(torch.optim.AdamW, lr=1e-3, weight_decay=1e-3), [OneCycle(1.2e-2), Recorder()])
learn.fit(4)
