"""Slot tagger of the voice assistant (BIO tags). Packed BiLSTM, transition scores as a linear-chain CRF, Viterbi at serving."""
import logging
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
CFG = {"dim": 24, "hidden": 24, "lr": 0.015, "epochs": 4, "batch": 50, "unk_rate": 0.05, "seed": 12}
SLOTS = {
    "artist": "miles davis|nina simone|the blue notes|adele|king crimson|radio wolves|miles ahead".split("|"),
    "city": "new york|paris|san diego|lima|buenos aires|rome|nina bay".split("|"),
    "time": "seven am|noon|half past nine|midnight|ten thirty|five pm".split("|"),
}
FRAMES = ["play {artist}", "put on something by {artist} please", "weather in {city}", "what is the weather in {city} at {time}",
          "wake me at {time}", "set an alarm for {time} in {city}", "play {artist} at {time}", "is {artist} on tour in {city}",
          "stop the music", "turn it down a bit"]
TAGS = ["O"] + [p + s for s in SLOTS for p in ("B-", "I-")]


BEFORE = ["", "", "hey", "could you", "please", "ok now", "hello there"]
AFTER = ["", "", "thanks", "right now", "for me", "quickly", "will you"]


def utterance(rng):
    words, tags = [], []
    for tok in " ".join([rng.choice(BEFORE), rng.choice(FRAMES), rng.choice(AFTER)]).split():
        if tok[0] != "{":
            words.append(tok)
            tags.append(0)
            continue
        slot = tok[1:-1]
        for k, w in enumerate(rng.choice(SLOTS[slot]).split()):
            words.append(w)
            tags.append(TAGS.index(("I-" if k else "B-") + slot))
    return words, tags


class Tagger(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        k = len(TAGS)
        self.emb = nn.Embedding(n_words, CFG["dim"], padding_idx=0)
        self.lstm = nn.LSTM(CFG["dim"], CFG["hidden"], bidirectional=True)
        self.emit = nn.Linear(2 * CFG["hidden"], k)
        self.trans = nn.Parameter(torch.zeros(k, k))  # [from, to]
        self.start = nn.Parameter(torch.zeros(k))

    def scores(self, ids, lens):  # ids (T, B)
        out, _ = self.lstm(pack_padded_sequence(self.emb(ids), lens, enforce_sorted=False))
        return self.emit(pad_packed_sequence(out)[0])

    def nll(self, ids, lens, tags):
        e, mask = self.scores(ids, lens), ids != 0
        gold = self.start[tags[0]] + e[0].gather(1, tags[0][:, None])[:, 0]
        alpha = self.start + e[0]
        for t in range(1, e.size(0)):
            m = mask[t].float()
            gold = gold + m * (self.trans[tags[t - 1], tags[t]] + e[t].gather(1, tags[t][:, None])[:, 0])
            step = torch.logsumexp(alpha.unsqueeze(2) + self.trans, dim=1) + e[t]
            alpha = torch.where(mask[t][:, None], step, alpha)
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def decode(self, words):
        e = self.scores(words[:, None], torch.tensor([len(words)]))[:, 0]
        v, back = self.start + e[0], []
        for t in range(1, len(words)):
            best = (v[:, None] + self.trans).max(0)
            back.append(best.indices)
            v = best.values + e[t]
        path = [int(v.argmax())]
        for b in reversed(back):
            path.append(int(b[path[-1]]))
        return path[::-1]


def spans(tags):
    out, cur = set(), None
    for i, t in enumerate(list(tags) + [0]):
        name = TAGS[t]
        if cur and not (name[0] == "I" and name[2:] == cur[1]):
            out.add((cur[0], i, cur[1]))
            cur = None
        if name[0] == "B":
            cur = (i, name[2:])
    return out


rng = random.Random(CFG["seed"])
torch.manual_seed(CFG["seed"])
seen = {}
while len(seen) < 960:
    w, t = utterance(rng)
    seen[" ".join(w)] = (w, t)
rows = list(seen.values())
rng.shuffle(rows)
n_dev = len(rows) // 6
dev, train = rows[:n_dev], rows[n_dev:]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}
model = Tagger(len(vocab) + 2)
opt = torch.optim.Adam(model.parameters(), lr=CFG["lr"])
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
logging.info("train %d dev %d", len(rows) - n_dev, n_dev)
for epoch in range(CFG["epochs"]):
    model.train()
    rng.shuffle(train)
    losses = []
    for k in range(0, len(train), CFG["batch"]):
        part = train[k:k + CFG["batch"]]
        ids = pad_sequence([torch.tensor([1 if rng.random() < CFG["unk_rate"] else vocab[w] for w in ws]) for ws, _ in part])
        tags = pad_sequence([torch.tensor(ts) for _, ts in part])
        loss = model.nll(ids, torch.tensor([len(ws) for ws, _ in part]), tags)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        losses.append(loss.item())
    sched.step()
    model.eval()
    tp = fp = fn = 0
    for ws, ts in dev:
        p, g = spans(model.decode(torch.tensor([vocab.get(w, 1) for w in ws]))), spans(ts)
        tp, fp, fn = tp + len(p & g), fp + len(p - g), fn + len(g - p)
    logging.info("epoch %d nll %.3f dev slot f1 %.3f", epoch + 1, sum(losses) / len(losses), 2 * tp / max(1, 2 * tp + fp + fn))
