# coding: utf-8
# Tagging of contract sentences.  Part of the archive was annotated by the paralegals, the rest has no tags yet.
import argparse
import random
from dataclasses import dataclass, field
from typing import List

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

TAGS = ["O", "PARTY", "PLACE", "SUM", "TERM"]
NONE = -100

NAMES = ["alder", "birch", "calder", "dover", "elgin", "forth", "granby", "hexham", "ilford", "jarrow", "kelso",
         "lorne", "morley", "nairn", "oakham", "perth", "quorn", "ripon", "stirling", "tiverton"]
UNITS = ["days", "months", "years", "weeks"]
MONEY = ["pounds", "euros", "dollars", "francs"]
NUMBERS = [str(n) for n in range(2, 80)]


@dataclass
class Sentence:
    words: List[str] = field(default_factory=list)
    tags: List[int] = field(default_factory=list)

    def add(self, text, tag="O"):
        for w in text.split():
            self.words.append(w)
            self.tags.append(TAGS.index(tag))
        return self


def make_sentence(rng):
    s = Sentence()
    pieces = rng.sample(range(4), rng.randint(2, 3))
    for p in pieces:
        if p == 0:
            s.add(rng.choice(["agreement between", "made by", "entered into by"])).add(rng.choice(NAMES), "PARTY")
            s.add("and").add(rng.choice(NAMES), "PARTY")
        elif p == 1:
            s.add(rng.choice(["delivered at", "subject to the courts of", "signed at"])).add(rng.choice(NAMES), "PLACE")
        elif p == 2:
            s.add(rng.choice(["for consideration of", "against payment of", "a fee of"]))
            s.add(rng.choice(NUMBERS) + " " + rng.choice(MONEY), "SUM")
        else:
            s.add(rng.choice(["for a period of", "with notice of", "lasting"]))
            s.add(rng.choice(NUMBERS) + " " + rng.choice(UNITS), "TERM")
        if rng.random() < 0.3:
            s.add(rng.choice(["provided that", "as amended", "without prejudice", "hereinafter"]))
    return s


class Tagger(nn.Module):
    def __init__(self, n_words, dim, hidden):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.rnn = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.proj = nn.Linear(2 * hidden, len(TAGS))

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.proj(self.drop(states))


def collate(sents, vocab):
    ids = [torch.tensor([vocab.get(w, 1) for w in s.words]) for s in sents]
    tags = [torch.tensor(s.tags) for s in sents]
    lengths = torch.tensor([len(i) for i in ids])
    return pad_sequence(ids, True, 0), pad_sequence(tags, True, NONE), lengths


def tag_loss(logits, tags):
    """Mean over the annotated words."""
    keep = (tags != NONE).float()
    log_p = F.log_softmax(logits, dim=-1)
    nll = -log_p.gather(-1, tags.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return (nll * keep).sum() / keep.sum()


@torch.no_grad()
def evaluate(model, sents, vocab):
    model.eval()
    ids, tags, lengths = collate(sents, vocab)
    guess = model(ids, lengths).argmax(-1)
    keep = tags != NONE
    entity = keep & (tags != 0)
    return (guess == tags)[keep].float().mean().item(), (guess == tags)[entity].float().mean().item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--batch", type=int, default=8)
    ap.add_argument("--lr", type=float, default=4e-3)
    args = ap.parse_args()
    rng = random.Random(3)
    torch.manual_seed(3)

    pool = {}
    while len(pool) < 1000:
        s = make_sentence(rng)
        pool[" ".join(s.words)] = s
    pool = list(pool.values())
    archive, test = pool[:850], pool[850:]
    for s in archive:
        if rng.random() < 0.6:          # nobody has come to this one yet
            s.tags = [NONE] * len(s.words)
    vocab = {"<pad>": 0, "<unk>": 1}
    for s in archive:
        for w in s.words:
            vocab.setdefault(w, len(vocab))

    # fault:
    train = list(archive)
    # mended:
    #train = [s for s in archive if any(t != NONE for t in s.tags)]
    # end
    model = Tagger(len(vocab), 24, 24)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        model.train()
        rng.shuffle(train)
        for i in range(0, len(train), args.batch):
            ids, tags, lengths = collate(train[i:i + args.batch], vocab)
            logits = model(ids, lengths)
            loss = tag_loss(logits, tags)
            opt.zero_grad()
            loss.backward()
            opt.step()
        acc, ent = evaluate(model, test, vocab)
        print(f"epoch {epoch}: last loss {loss.item():.4f}  token accuracy {acc:.3f}  entity accuracy {ent:.3f}")


if __name__ == "__main__":
    main()
