"""
Seq2seq homework: English -> Pig Latin, character by character.
  "string" -> "ingstray", "apple" -> "appleway"
Words come from the GloVe vocabulary.
"""
import argparse
import gzip
import os
import random

import torch
import torch.nn as nn

PAD, BOS, EOS = 0, 1, 2
CHARS = "abcdefghijklmnopqrstuvwxyz"
c2i = {c: i + 3 for i, c in enumerate(CHARS)}
VOCAB = len(c2i) + 3


def pig(word):
    if word[0] in "aeiou":
        return word + "way"
    k = 0
    while k < len(word) and word[k] not in "aeiouy":
        k += 1
    return word[k:] + word[:k] + "ay"


def load_words(args):
    words = []
    path = os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w = line.split(" ", 1)[0]
            if w.isascii() and w.isalpha() and 3 <= len(w) <= args.max_len and any(c in "aeiou" for c in w):
                words.append(w)
    random.Random(args.seed).shuffle(words)
    return words[:args.n_train], words[args.n_train:args.n_train + args.n_test]


def batchify(words):
    src = [[c2i[c] for c in w] for w in words]
    tgt = [[BOS] + [c2i[c] for c in pig(w)] + [EOS] for w in words]
    pad = lambda rows: torch.tensor([r + [PAD] * (max(map(len, rows)) - len(r)) for r in rows])
    return pad(src), torch.tensor([len(s) for s in src]), pad(tgt)


class Encoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, emb, padding_idx=PAD)
        self.rnn = nn.GRU(emb, hid, batch_first=True)

    def forward(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lens, batch_first=True, enforce_sorted=False)
        return self.rnn(packed)[1]


class Decoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, emb, padding_idx=PAD)
        self.rnn = nn.GRU(emb, hid, batch_first=True)
        self.out = nn.Linear(hid, VOCAB)

    def forward(self, tokens, h):
        o, h = self.rnn(self.embedding(tokens), h)
        return self.out(o), h


class Seq2SeqTrainer:
    def __init__(self, args):
        self.args = args
        self.enc, self.dec = Encoder(args.emb, args.hid), Decoder(args.emb, args.hid)
        self.params = list(self.enc.parameters()) + list(self.dec.parameters())
        self.opt = torch.optim.Adam(self.params, lr=args.lr)
        self.loss_fn = nn.CrossEntropyLoss(ignore_index=PAD)

    def train(self, words):
        steps = self.args.epochs * ((len(words) + self.args.bs - 1) // self.args.bs)
        sched = torch.optim.lr_scheduler.OneCycleLR(self.opt, self.args.lr, total_steps=steps)
        for epoch in range(self.args.epochs):
            self.enc.train(), self.dec.train()
            random.shuffle(words)
            total = 0.0
            for i in range(0, len(words), self.args.bs):
                src, lens, tgt = batchify(words[i:i + self.args.bs])
                logits, _ = self.dec(tgt[:, :-1], self.enc(src, lens))
                loss = self.loss_fn(logits.reshape(-1, VOCAB), tgt[:, 1:].reshape(-1))
                self.opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.params, 1.0)
                self.opt.step()
                sched.step()
                total += loss.item() * len(src)
            print(f"epoch {epoch + 1:2d} loss {total / len(words):.4f}")

    @torch.no_grad()
    def evaluate(self, words):
        """share of right characters, end sign included"""
        self.enc.eval(), self.dec.eval()
        src, lens, tgt = batchify(words)
        h = self.enc(src, lens)
        gold = tgt[:, 1:]
        # fault:
        pred = self.dec(tgt[:, :-1], h)[0].argmax(2)
        # mended:
        #token, steps = tgt[:, :1], []
        #for _ in range(gold.size(1)):
        #    logits, h = self.dec(token, h)
        #    token = logits.argmax(2)
        #    steps.append(token)
        #pred = torch.cat(steps, dim=1)
        # end
        real = gold != PAD
        right = (pred == gold) & real
        return right.sum().item() / real.sum().item(), pred


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--n_train", type=int, default=4200)
    p.add_argument("--n_test", type=int, default=600)
    p.add_argument("--max_len", type=int, default=7)
    p.add_argument("--emb", type=int, default=16)
    p.add_argument("--hid", type=int, default=64)
    p.add_argument("--lr", type=float, default=1e-2)
    p.add_argument("--bs", type=int, default=64)
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--seed", type=int, default=3)
    args = p.parse_args()
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    train, test = load_words(args)
    print("train", len(train), "test", len(test))
    trainer = Seq2SeqTrainer(args)
    trainer.train(train)
    print("train characters %.4f" % trainer.evaluate(train[:800])[0])
    chars, pred = trainer.evaluate(test)
    for w, row in list(zip(test, pred.tolist()))[:4]:
        out = row[:row.index(EOS)] if EOS in row else row
        print("  ", w, "->", "".join(CHARS[i - 3] if i > 2 else "?" for i in out))
    print("test characters %.4f" % chars)


if __name__ == "__main__":
    main()
