"""seq2seq: call sign -> the words that the radio operator says (for the TTS project)"""
import argparse
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--n_train", type=int, default=3000)
parser.add_argument("--n_test", type=int, default=300)
parser.add_argument("--max_len", type=int, default=20)
parser.add_argument("--hidden", type=int, default=48)
parser.add_argument("--emb", type=int, default=24)
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--batch_size", type=int, default=64)
parser.add_argument("--lr", type=float, default=8e-3)
args = parser.parse_args()
random.seed(5)
torch.manual_seed(5)

LETTERS = "abcdefghijklmnopqrstuvwx"
NATO = ("alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango "
        "uniform victor whiskey xray").split()
CITY = ("amsterdam baltimore casablanca danemark edison florida gallipoli havana italia jerusalem kilogramme liverpool madagascar newyork oslo "
        "paris quebec roma santiago tripoli upsala valencia washington xanthippe").split()


def make_sign():
    return "".join(random.choice(LETTERS) for _ in range(random.randint(3, 6)))


def spell(sign):
    """operators mostly use the NATO alphabet, the older ones mix in the one of 1927"""
    return [(CITY if random.random() < 0.25 else NATO)[LETTERS.index(c)] for c in sign]


PAD, BOS, EOS = 0, 1, 2
words = ["<pad>", "<bos>", "<eos>"] + sorted(set(NATO + CITY))
w2i = {w: i for i, w in enumerate(words)}
signs = set()
while len(signs) < args.n_train + args.n_test:
    signs.add(make_sign())
signs = sorted(signs)
random.shuffle(signs)
print("e.g.", [(n, " ".join(spell(n))) for n in signs[:2]])


def tensorize(ns):
    src = torch.zeros(len(ns), 6, dtype=torch.long)
    tgt = torch.full((len(ns), args.max_len), PAD)
    for r, n in enumerate(ns):
        src[r, :len(n)] = torch.tensor([1 + LETTERS.index(c) for c in n])
        ids = [BOS] + [w2i[w] for w in spell(n)] + [EOS]
        tgt[r, :len(ids)] = torch.tensor(ids)
    return src, tgt


class Seq2Seq(nn.Module):
    def __init__(self, n_out, emb, hidden):
        super().__init__()
        self.src_emb = nn.Embedding(1 + len(LETTERS), emb, padding_idx=0)
        self.tgt_emb = nn.Embedding(n_out, emb)
        self.enc = nn.GRU(emb, hidden // 2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(hidden, hidden)
        self.dec = nn.GRU(emb, hidden, batch_first=True)
        self.out = nn.Linear(2 * hidden, n_out)

    def encode(self, src):
        lengths = (src > 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src_emb(src), lengths, batch_first=True, enforce_sorted=False)
        states, h = self.enc(packed)
        states = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=src.size(1))[0]
        return (states, src == 0), torch.tanh(self.bridge(torch.cat([h[0], h[1]], -1))).unsqueeze(0)

    def decode(self, prev, memory, h):
        states, blank = memory
        q, h = self.dec(self.tgt_emb(prev), h)
        ctx = torch.softmax((q @ states.transpose(1, 2)).masked_fill(blank[:, None], -1e9), -1) @ states
        return self.out(torch.cat([q, ctx], -1)), h

    def forward(self, src, tgt_in):
        return self.decode(tgt_in, *self.encode(src))[0]

    @torch.no_grad()
    def greedy(self, src, steps):
        states, h = self.encode(src)
        tok, done, result = torch.full((len(src), 1), BOS), torch.zeros(len(src), 1, dtype=torch.bool), []
        for _ in range(steps):
            logits, h = self.decode(tok, states, h)
            tok = logits.argmax(-1).masked_fill(done, PAD)
            done = done | (tok == EOS)
            result.append(tok)
        return torch.cat(result, 1)


# fault:
criterion = nn.CrossEntropyLoss()
# mended:
#criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end


def word_accuracy(pred, gold):
    # fault:
    return (pred == gold).float().mean().item()
    # mended:
    #real = gold != PAD
    #return (pred[real] == gold[real]).float().mean().item()
    # end


def evaluate(model, src, tgt):
    model.eval()
    gold = tgt[:, 1:]
    with torch.no_grad():
        logits = model(src, tgt[:, :-1])
        loss = criterion(logits.transpose(1, 2), gold).item()
    pred = model.greedy(src, gold.size(1))
    ended = (pred == EOS).any(1).float().mean().item()
    return loss, word_accuracy(pred, gold), ended


src_tr, tgt_tr = tensorize(signs[:args.n_train])
src_te, tgt_te = tensorize(signs[args.n_train:])
model = Seq2Seq(len(words), args.emb, args.hidden)
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs, eta_min=1e-4)
for epoch in range(1, args.epochs + 1):
    model.train()
    total = 0.0
    for b in torch.randperm(len(src_tr)).split(args.batch_size):
        logits = model(src_tr[b], tgt_tr[b, :-1])
        loss = criterion(logits.transpose(1, 2), tgt_tr[b, 1:])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(b)
    scheduler.step()
    if epoch % 2 == 0:
        print(f"epoch {epoch} train {total / len(src_tr):.4f} | test loss %.4f word acc %.4f ended %.4f" % evaluate(model, src_te, tgt_te))
print("train: loss %.4f word acc %.4f ended %.4f" % evaluate(model, src_tr[:300], tgt_tr[:300]))
show = model.greedy(src_te[:3], 12)
for row, n in zip(show, signs[args.n_train:]):
    print("  ", n, "->", " ".join(words[i] for i in row if i > EOS))
print("test word accuracy %.4f" % evaluate(model, src_te, tgt_te)[1])
