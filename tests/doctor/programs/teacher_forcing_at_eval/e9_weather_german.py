"""Short diary lines, English to German. GRU encoder-decoder, everything in one Translator class."""
import itertools
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(2)
torch.manual_seed(2)
PAD, BOS, EOS = 0, 1, 2

WHO = {"i": "ich", "anna": "anna", "he": "er", "she": "sie", "tom": "tom", "grandma": "oma"}
DID = {"baked": "backte", "bought": "kaufte", "found": "fand", "painted": "malte", "sold": "verkaufte"}
WHAT = {"bread": "brot", "cake": "kuchen", "cards": "karten", "boats": "boote", "flowers": "blumen", "stones": "steine"}
TIME = {"yesterday": "gestern", "today": "heute", "early": "frueh", "late": "spaet"}
PLACE = {"there": "dort", "here": "hier", "outside": "draussen"}


def translate_by_hand(s, v, o, t, p):
    subject, verb, obj, time, place = WHO[s], DID[v], WHAT[o], TIME[t], PLACE[p]
    style = random.random()
    if style < 0.6:
        return [subject, verb, time, place, obj]
    if style < 0.8:                                # our writers like to vary
        return [time, verb, subject, place, obj]
    return [place, verb, subject, time, obj]


combos = list(itertools.product(WHO, DID, WHAT, TIME, PLACE))
random.shuffle(combos)
data = [([s, v, o, t, p], translate_by_hand(s, v, o, t, p)) for s, v, o, t, p in combos[:1900]]
train, test = data[:1600], data[1600:]


def vocabulary(sents):
    v = {"<pad>": PAD, "<s>": BOS, "</s>": EOS}
    for s in sents:
        for w in s:
            v.setdefault(w, len(v))
    return v


src_vocab = vocabulary(s for s, _ in train)
tgt_vocab = vocabulary(t for _, t in train)


def to_batch(rows):
    src = pad_sequence([torch.tensor([src_vocab[w] for w in s]) for s, _ in rows], batch_first=True)
    tgt = pad_sequence([torch.tensor([BOS] + [tgt_vocab[w] for w in t] + [EOS]) for _, t in rows], batch_first=True)
    return src, tgt


class Translator(nn.Module):
    def __init__(self, n_src, n_tgt, dim=32, hidden=64):
        super().__init__()
        self.src_emb = nn.Embedding(n_src, dim)
        self.tgt_emb = nn.Embedding(n_tgt, dim)
        self.encoder = nn.GRU(dim, hidden, batch_first=True)
        self.decoder = nn.GRU(dim + hidden, hidden, batch_first=True)
        self.query = nn.Linear(hidden, hidden)
        self.out = nn.Linear(2 * hidden, n_tgt)

    def step(self, tok, state, memory):
        att = torch.bmm(memory, self.query(state[-1]).unsqueeze(2)).softmax(1)
        ctx = (att * memory).sum(1, keepdim=True)
        o, state = self.decoder(torch.cat([self.tgt_emb(tok), ctx], -1), state)
        return self.out(torch.cat([o, ctx], -1)), state

    def forward(self, src, tgt):
        memory, state = self.encoder(self.src_emb(src))
        logits = []
        for t in range(tgt.size(1)):
            l, state = self.step(tgt[:, t:t + 1], state, memory)
            logits.append(l)
        return torch.cat(logits, 1)

    def greedy(self, src, steps):
        memory, state = self.encoder(self.src_emb(src))
        tok = torch.full((len(src), 1), BOS)
        outs = []
        for _ in range(steps):
            l, state = self.step(tok, state, memory)
            tok = l.argmax(-1)
            outs.append(tok)
        return torch.cat(outs, 1)


model = Translator(len(src_vocab), len(tgt_vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)


@torch.no_grad()
def word_accuracy(rows):
    model.eval()
    src, tgt = to_batch(rows)
    want = tgt[:, 1:]
    # fault:
    guess = model(src, tgt[:, :-1]).argmax(-1)
    # mended:
    #guess = model.greedy(src, want.size(1))
    # end
    keep = (want != PAD) & (want != EOS)
    return (guess == want)[keep].float().mean().item(), guess


for epoch in range(1, 5):
    model.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 32):
        src, tgt = to_batch(train[i:i + 32])
        logits = model(src, tgt[:, :-1])
        loss = criterion(logits.flatten(0, 1), tgt[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    acc, guess = word_accuracy(test)
    print(f"epoch {epoch}  loss {sum(losses) / len(losses):.3f}  word accuracy on new lines {acc:.3f}")

names = {i: w for w, i in tgt_vocab.items()}
for (s, t), g in zip(test[:3], guess.tolist()):
    print(" ".join(s), "|", " ".join(t), "|", " ".join(names[i] for i in g if i > EOS))
