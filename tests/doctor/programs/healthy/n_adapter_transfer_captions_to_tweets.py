"""Transfer with adapters: a character encoder is trained to tell the languages of photo captions apart (en, de, fr, cs),
frozen, and a bottleneck adapter with a new head is fitted for tweets in five languages, two of which it never saw."""
import gzip
import itertools
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 20
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]
CAPTION_LANGS = ["en", "de", "fr", "cs"]
TWEET_LANGS = ["english", "german", "french", "spanish", "italian"]
ALPHABET = {c: i + 2 for i, c in enumerate("abcdefghijklmnopqrstuvwxyzàáâäãåçčďéèêëěíìîïňñóòôöõřšťúùûüůýžß '.,?!0")}


def chars(text, start=0, n=64):
    return torch.tensor([ALPHABET.get(c, 1) for c in text[start:start + n].lower()])


def captions(split, n):
    out = []
    for y, lang in enumerate(CAPTION_LANGS):
        with gzip.open(f"{DATA}/seq2seq/multi30k/{split}.{lang}.gz", "rt", encoding="utf-8") as fh:
            out += [(chars(line.strip()), y) for line in itertools.islice(fh, n) if len(line) > 15]
    return out


def tweets(split, n):
    out = []
    for y, lang in enumerate(TWEET_LANGS):
        with open(f"{DATA}/sentiment/umsab-multilingual/{lang}/{split}_text.txt", encoding="utf-8") as fh:
            lines = (l.replace("@user", "").replace("http", "").strip() for l in fh)
            out += [(chars(l), y) for l in itertools.islice((l for l in lines if len(l) > 25), n)]
    return out


class Encoder(nn.Module):
    def __init__(self, width=96):
        super().__init__()
        self.emb = nn.Embedding(len(ALPHABET) + 2, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, width, 3, padding=1)

    def forward(self, x):
        keep = (x != 0).unsqueeze(1)
        h = F.relu(self.conv(self.emb(x).transpose(1, 2))) * keep
        return h.sum(2) / keep.sum(2)


class Adapter(nn.Module):
    def __init__(self, width, bottleneck=16):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.down, self.up = nn.Linear(width, bottleneck), nn.Linear(bottleneck, width)
        nn.init.zeros_(self.up.weight)          # starts as the identity
        nn.init.zeros_(self.up.bias)

    def forward(self, h):
        h = self.norm(h)
        return h + self.up(F.gelu(self.down(h)))


def batches(rows, size, shuffle=True):
    order = np.random.permutation(len(rows)) if shuffle else np.arange(len(rows))
    for k in range(0, len(rows), size):
        part = [rows[i] for i in order[k:k + size]]
        yield nn.utils.rnn.pad_sequence([x for x, _ in part], batch_first=True), torch.tensor([y for _, y in part])


def fit(model, rows, lr, epochs, params):
    opt = torch.optim.Adam(params, lr=lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    for e in range(epochs):
        model.train()
        s = 0.0
        for x, y in batches(rows, 32):
            loss = F.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            s += loss.item() * len(y)
        sched.step()
        print("   epoch %d  loss %.3f" % (e + 1, s / len(rows)))


@torch.no_grad()
def accuracy(model, rows):
    model.eval()
    return torch.cat([model(x).argmax(1) == y for x, y in batches(rows, 256, shuffle=False)]).float().mean().item()


encoder = Encoder()
source = nn.Sequential(encoder, nn.Linear(96, len(CAPTION_LANGS)))
print("stage 1: captions")
fit(source, captions("train", 350), 1e-2, 3, source.parameters())
print("   captions held out %.3f" % accuracy(source, captions("val", 150)))

encoder.requires_grad_(False)
frozen = {k: v.clone() for k, v in encoder.state_dict().items()}
target = nn.Sequential(encoder, Adapter(96), nn.Linear(96, len(TWEET_LANGS)))
print("stage 2: tweets")
train, test = tweets("train", 1100), tweets("test", 150)
fit(target, train, 1.5e-2, 5, [p for p in target.parameters() if p.requires_grad])
assert all(torch.equal(v, frozen[k]) for k, v in encoder.state_dict().items())
print("tweets: train %.3f  test %.3f  (chance %.3f)" % (accuracy(target, train), accuracy(target, test), 1 / len(TWEET_LANGS)))
