"""Robot commands -> action sequences (a little SCAN). Seminar assignment 4, GRU encoder/decoder with attention.

    python scan_commands.py --hidden 64 --epochs 7
"""
import argparse
import itertools
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

PAD, SOS, EOS = 0, 1, 2


def phrases():
    for verb in ("walk", "run", "jump", "look", "swim"):
        for turn in ("", "left", "right"):
            for rep, times in (("", 1), ("twice", 2), ("thrice", 3)):
                words = [w for w in (verb, turn, rep) if w]
                step = ([f"TURN_{turn.upper()}"] if turn else []) + [verb.upper()]
                yield words, step * times


def corpus():
    singles = list(phrases())
    pairs = [(w, a) for w, a in singles]
    for (w1, a1), (w2, a2) in itertools.product(singles, singles):
        if len(a1) + len(a2) <= 8:
            pairs.append((w1 + ["and"] + w2, a1 + a2))
            pairs.append((w1 + ["after"] + w2, a2 + a1))
    return pairs


def make_vocab(seqs):
    v = {"<pad>": PAD, "<s>": SOS, "</s>": EOS}
    for s in seqs:
        for t in s:
            v.setdefault(t, len(v))
    return v


def tensorise(seqs):
    n = max(map(len, seqs))
    return torch.tensor([s + [PAD] * (n - len(s)) for s in seqs])


class Seq2Seq(nn.Module):
    def __init__(self, n_src, n_tgt, emb, hid):
        super().__init__()
        self.src_emb = nn.Embedding(n_src, emb, padding_idx=PAD)
        self.tgt_emb = nn.Embedding(n_tgt, emb, padding_idx=PAD)
        self.enc = nn.GRU(emb, hid // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(emb, hid, batch_first=True)
        self.out = nn.Linear(2 * hid, n_tgt)

    def encode(self, src):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.src_emb(src), (src != PAD).sum(1), batch_first=True, enforce_sorted=False)
        mem, h = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True, total_length=src.size(1))
        return mem, torch.cat([h[0], h[1]], -1).unsqueeze(0)

    def decode(self, inp, h, mem, src):
        o, h = self.dec(self.tgt_emb(inp), h)
        score = (o @ mem.transpose(1, 2)).masked_fill((src == PAD).unsqueeze(1), -1e9)
        ctx = score.softmax(-1) @ mem
        return self.out(torch.cat([o, ctx], -1)), h


@torch.no_grad()
def translate(model, src, limit=12):
    model.eval()
    mem, h = model.encode(src)
    tok = torch.full((len(src), 1), SOS)
    res = []
    for _ in range(limit):
        logits, h = model.decode(tok, h, mem, src)
        tok = logits[:, -1].argmax(-1, keepdim=True)
        res.append(tok)
    res = torch.cat(res, 1).tolist()
    return [r[:r.index(EOS)] if EOS in r else r for r in res]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--hidden", type=int, default=64)
    p.add_argument("--emb", type=int, default=24)
    p.add_argument("--epochs", type=int, default=7)
    p.add_argument("--lr", type=float, default=6e-3)
    p.add_argument("--bs", type=int, default=64)
    a = p.parse_args()
    random.seed(7)
    torch.manual_seed(7)

    data = corpus()
    random.shuffle(data)
    data = data[:2000]
    sv, tv = make_vocab([w for w, _ in data]), make_vocab([t for _, t in data])
    src = tensorise([[sv[w] for w in s] for s, _ in data])
    tgt = tensorise([[SOS] + [tv[w] for w in t] + [EOS] for _, t in data])
    n = len(data) - 200
    model = Seq2Seq(len(sv), len(tv), a.emb, a.hidden)
    opt = torch.optim.Adam(model.parameters(), lr=a.lr)
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=a.epochs * (n // a.bs + 1))
    for ep in range(a.epochs):
        model.train()
        tot = steps = 0
        for ix in torch.randperm(n).split(a.bs):
            s, t = src[ix], tgt[ix]
            # fault:
            dec_in, gold = t[:, 1:], t[:, 1:]
            # mended:
            #dec_in, gold = t[:, :-1], t[:, 1:]
            # end
            mem, h = model.encode(s)
            logits, _ = model.decode(dec_in, h, mem, s)
            loss = F.cross_entropy(logits.reshape(-1, len(tv)), gold.reshape(-1), ignore_index=PAD)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
            tot, steps = tot + loss.item(), steps + 1
        print(f"epoch {ep + 1} loss {tot / steps:.4f}")

    hyp = translate(model, src[n:])
    ref = [[tv[w] for w in t] for _, t in data[n:]]
    exact = sum(h == r for h, r in zip(hyp, ref)) / len(ref)
    inv = {i: w for w, i in tv.items()}
    for k in range(3):
        print(" ".join(data[n + k][0]), "=>", " ".join(inv[i] for i in hyp[k]))
    print(f"held-out commands solved: {exact:.3f}")


if __name__ == "__main__":
    main()
