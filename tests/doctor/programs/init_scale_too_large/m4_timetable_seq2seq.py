"""Spoken clock times to digits ("twenty past four in the afternoon" -> 1 6 : 2 0): GRU encoder-decoder with attention."""
import argparse
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

HOURS = "twelve one two three four five six seven eight nine ten eleven".split()
TEENS = HOURS[1:] + "twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
PAD, BOS, EOS = 0, 1, 2


def number(n):
    if n < 20:
        return [TEENS[n - 1]]
    return ["twenty"] + ([TEENS[n - 21]] if n > 20 else [])


def spoken(hour, minute, rng):
    part = "morning" if hour < 12 else ("afternoon" if hour < 18 else "evening")
    lead = rng.choice([[], ["at"], ["about"], ["it", "is"], ["not", "before"], ["the", "train", "leaves", "at"]])
    if minute == 0:
        words = [HOURS[hour % 12], "sharp"]
    elif minute == 30:
        words = ["half", "past", HOURS[hour % 12]]
    elif minute < 30:
        words = number(minute) + ["past", HOURS[hour % 12]]
    else:
        words = number(60 - minute) + ["to", HOURS[(hour + 1) % 12]]
    return lead + words + ["in", "the", part]


def build(rng):
    rows, seen = [], set()
    for hour in range(24):
        for minute in range(60):
            for _ in range(2):
                src = spoken(hour, minute, rng)
                if " ".join(src) not in seen:
                    seen.add(" ".join(src))
                    rows.append((src, list(f"{hour:02d}:{minute:02d}"), (hour, minute)))
    return rows


def tensorise(rows, src_ids, tgt_ids):
    width = max(len(s) for s, _, _ in rows)
    src = torch.tensor([[src_ids[w] for w in s] + [PAD] * (width - len(s)) for s, _, _ in rows])
    tgt = torch.tensor([[BOS] + [tgt_ids[c] for c in t] + [EOS] for _, t, _ in rows])
    return src, tgt


class ClockReader(nn.Module):
    def __init__(self, n_src, n_tgt, dim, hidden):
        super().__init__()
        self.src_emb = nn.Embedding(n_src, dim, padding_idx=PAD)
        self.tgt_emb = nn.Embedding(n_tgt, dim)
        self.encoder = nn.GRU(dim, hidden // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRUCell(dim + hidden, hidden)
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.out = nn.Linear(2 * hidden, n_tgt)
        self.apply(self.init_weights)

    @staticmethod
    def init_weights(module):
        for name, p in module.named_parameters(recurse=False):
            if "bias" in name:
                nn.init.zeros_(p)
            else:
                # fault:
                nn.init.normal_(p)
                # mended:
                #nn.init.xavier_uniform_(p)
                # end

    def encode(self, src):
        lengths = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src_emb(src), lengths, batch_first=True, enforce_sorted=False)
        states, last = self.encoder(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=src.size(1))
        return states, torch.cat([last[0], last[1]], -1), src == PAD

    def step(self, token, hidden, context, memory, blank):
        hidden = self.decoder(torch.cat([self.tgt_emb(token), context], -1), hidden)
        energy = torch.einsum("bth,bh->bt", memory, self.query(hidden)) / memory.size(-1) ** 0.5
        weights = energy.masked_fill(blank, -1e9).softmax(-1)
        context = torch.einsum("bt,bth->bh", weights, memory)
        return self.out(torch.cat([hidden, context], -1)), hidden, context

    def forward(self, src, tgt_in):
        memory, hidden, blank = self.encode(src)
        context, logits = torch.zeros_like(hidden), []
        for t in range(tgt_in.size(1)):
            step_logits, hidden, context = self.step(tgt_in[:, t], hidden, context, memory, blank)
            logits.append(step_logits)
        return torch.stack(logits, 1)

    @torch.no_grad()
    def greedy(self, src, steps):
        memory, hidden, blank = self.encode(src)
        context = torch.zeros_like(hidden)
        token = torch.full((len(src),), BOS)
        produced = []
        for _ in range(steps):
            logits, hidden, context = self.step(token, hidden, context, memory, blank)
            token = logits.argmax(-1)
            produced.append(token)
        return torch.stack(produced, 1)


def exact_match(model, src, tgt):
    model.eval()
    return (model.greedy(src, tgt.size(1) - 1) == tgt[:, 1:]).all(1).float().mean().item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--dim", type=int, default=32)
    ap.add_argument("--hidden", type=int, default=48)
    ap.add_argument("--lr", type=float, default=7e-3)
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--seed", type=int, default=4)
    args = ap.parse_args()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    rows = build(rng)
    rng.shuffle(rows)
    src_ids = {w: i + 1 for i, w in enumerate(sorted({w for s, _, _ in rows for w in s}))}
    tgt_ids = {c: i + 3 for i, c in enumerate("0123456789:")}
    src, tgt = tensorise(rows, src_ids, tgt_ids)
    train, dev = slice(400, None), slice(0, 400)

    model = ClockReader(len(src_ids) + 1, len(tgt_ids) + 3, args.dim, args.hidden)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    steps = -(-len(src[train]) // 64) * args.epochs
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, total_steps=steps, pct_start=0.2)
    tr_src, tr_tgt = src[train], tgt[train]
    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(tr_src)).split(64):
            logits = model(tr_src[idx], tr_tgt[idx, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), tr_tgt[idx, 1:].flatten())
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
            total += loss.item() * len(idx)
        print(f"epoch {epoch + 1} loss {total / len(tr_src):.4f}")
    print(f"train exact match {exact_match(model, tr_src[:400], tr_tgt[:400]):.3f}")
    print(f"dev exact match {exact_match(model, src[dev], tgt[dev]):.3f}")


if __name__ == "__main__":
    main()
