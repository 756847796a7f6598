#!/usr/bin/env python3
# Joint intent detection + slot filling (BiLSTM-CRF), losses balanced with learned uncertainties (Kendall et al.)
import math
import random
import torch
import torch.nn as nn

random.seed(11)
torch.manual_seed(11)

CITY = "paris rome berlin madrid oslo vienna new_york los_angeles hong_kong cape_town lima quito".split()
DAY = "monday tuesday wednesday thursday friday saturday sunday tomorrow today".split()
ARTIST = "queen abba blur pink_floyd the_doors daft_punk nina_simone bob_dylan coldplay".split()
HOUR = [f"{h} {m}" for h in "one two three four five six seven eight nine ten".split() for m in ("am", "pm")]
TEMPL = {
    "flight": ["book a flight from <city:from> to <city:to> on <day:date>", "i need to fly to <city:to> <day:date>",
               "any plane from <city:from> leaving <day:date> at <hour:time> please"],
    "weather": ["will it rain in <city:loc> <day:date>", "how is the weather in <city:loc>", "tell me the forecast for <day:date> in <city:loc> please"],
    "music": ["play something by <artist:who>", "i want to hear <artist:who> at <hour:time>", "put on <artist:who> on <day:date>"],
    "alarm": ["wake me at <hour:time> on <day:date>", "set an alarm for <hour:time>", "please set an alarm <day:date> at <hour:time>"],
}
FILL = {"city": CITY, "day": DAY, "artist": ARTIST, "hour": HOUR}


def sample():
    intent = random.choice(list(TEMPL))
    toks, tags = [], []
    if random.random() < 0.3:
        toks, tags = random.choice([["hey"], ["ok", "so"], ["could", "you"]]), None
        toks = list(toks)
        tags = ["O"] * len(toks)
    for w in random.choice(TEMPL[intent]).split():
        if w[0] == "<":
            kind, slot = w[1:-1].split(":")
            parts = random.choice(FILL[kind]).replace("_", " ").split()
            toks += parts
            tags += ["B-" + slot] + ["I-" + slot] * (len(parts) - 1)
        else:
            toks.append(w)
            tags.append("O")
    return tuple(toks), tuple(tags), intent


pool = {}
while len(pool) < 1050:
    t, g, i = sample()
    pool[t] = (g, i)
examples = [{"tokens": t, "tags": g, "intent": i} for t, (g, i) in pool.items()]
random.shuffle(examples)
train, dev = examples[:800], examples[800:]
word_ix = {"<pad>": 0, "<unk>": 1}
for e in train:
    for w in e["tokens"]:
        word_ix.setdefault(w, len(word_ix))
tag_ix = {t: k for k, t in enumerate(sorted({g for e in train for g in e["tags"]}))}
int_ix = {t: k for k, t in enumerate(TEMPL)}


def collate(rows):
    T = max(len(r["tokens"]) for r in rows)
    b = {"x": torch.zeros(T, len(rows), dtype=torch.long), "y": torch.zeros(T, len(rows), dtype=torch.long),
         "len": torch.tensor([len(r["tokens"]) for r in rows]), "intent": torch.tensor([int_ix[r["intent"]] for r in rows])}
    for j, r in enumerate(rows):
        for i, (w, g) in enumerate(zip(r["tokens"], r["tags"])):
            b["x"][i, j] = word_ix.get(w, 1)
            b["y"][i, j] = tag_ix[g]
    b["mask"] = torch.arange(T)[:, None] < b["len"][None]
    return b


class Joint(nn.Module):
    def __init__(self, d=24, h=24):
        super().__init__()
        K = len(tag_ix)
        self.emb = nn.Embedding(len(word_ix), d, padding_idx=0)
        self.rnn = nn.LSTM(d, h, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.emit = nn.Linear(2 * h, K)
        self.A = nn.Parameter(torch.zeros(K, K))        # A[i, j]: from i to j
        self.intent = nn.Linear(2 * h, len(int_ix))
        self.s = nn.Parameter(torch.zeros(2))           # log variances

    def forward(self, b):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(b["x"]), b["len"], enforce_sorted=False)
        o, (hn, _) = self.rnn(packed)
        o, _ = nn.utils.rnn.pad_packed_sequence(o)
        return self.emit(self.drop(o)), self.intent(self.drop(torch.cat([hn[0], hn[1]], 1)))

    def crf_nll(self, em, y, mask):
        gold = em[0].gather(1, y[0][:, None])[:, 0]
        alpha = em[0]
        for t in range(1, len(em)):
            step = em[t].gather(1, y[t][:, None])[:, 0] + self.A[y[t - 1], y[t]]
            gold = gold + step * mask[t]
            nxt = torch.logsumexp(alpha[:, :, None] + self.A[None], 1) + em[t]
            alpha = torch.where(mask[t][:, None], nxt, alpha)
        return (torch.logsumexp(alpha, 1) - gold).sum() / mask.sum()

    def viterbi(self, em):      # em: T x K of one sentence
        v, back = em[0], []
        for t in range(1, len(em)):
            m, arg = (v[:, None] + self.A).max(0)
            back.append(arg)
            v = m + em[t]
        path = [int(v.argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


@torch.no_grad()
def evaluate(model, rows):
    model.eval()
    b = collate(rows)
    em, it = model(b)
    hit = sum(model.viterbi(em[:n, j]) == b["y"][:n, j].tolist() for j, n in enumerate(b["len"].tolist()))
    return (it.argmax(1) == b["intent"]).float().mean().item(), hit / len(rows)


model = Joint()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(4):
    model.train()
    random.shuffle(train)
    tot = 0.
    for k in range(0, len(train), 32):
        b = collate(train[k:k + 32])
        em, it = model(b)
        losses = torch.stack([model.crf_nll(em, b["y"], b["mask"]), nn.functional.cross_entropy(it, b["intent"])])
        loss = (torch.exp(-model.s) * losses + model.s).sum()
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.)
        opt.step()
        tot += loss.item()
    a, f = evaluate(model, dev)
    a2, f2 = evaluate(model, train[:250])
    print(f"{epoch}: objective {tot / math.ceil(len(train) / 32):+.3f} | dev intent {a:.3f} whole-sentence slots {f:.3f} | train {a2:.3f} {f2:.3f}")
