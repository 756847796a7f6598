"""seq2seq: spelled numbers to digits, "three thousand forty two" -> 3042. GRU encoder, GRU decoder, greedy decoding."""
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
PAD, BOS, EOS = 0, 1, 2


@dataclass
class Args:
    dim: int = 32
    hidden: int = 64
    lr: float = 1e-2
    batch: int = 50
    epochs: int = 10
    seed: int = 2


def spell(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], "hundred"] + (["and"] + spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])


class Seq2Seq(nn.Module):
    def __init__(self, args, n_source, n_target):
        super().__init__()
        self.src = nn.Embedding(n_source, args.dim, padding_idx=PAD)
        self.tgt = nn.Embedding(n_target, args.dim, padding_idx=PAD)
        self.encoder = nn.GRU(args.dim, args.hidden, batch_first=True)
        self.decoder = nn.GRU(args.dim, args.hidden, batch_first=True)
        self.bridge = nn.Linear(args.hidden, args.hidden)
        self.out = nn.Linear(args.hidden, n_target)

    def encode(self, x, lengths):
        packed = pack_padded_sequence(self.src(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.encoder(packed)
        return torch.tanh(self.bridge(h))

    def decode(self, y, state, start=False):
        # fault:
        out, state = self.decoder(self.tgt(y), None if start else state)
        # mended:
        #out, state = self.decoder(self.tgt(y), state)
        # end
        return self.out(out), state

    def forward(self, x, lengths, y_in):
        return self.decode(y_in, self.encode(x, lengths), start=True)[0]

    @torch.no_grad()
    def greedy(self, x, lengths, limit=7):
        state = self.encode(x, lengths)
        token = torch.full((len(x), 1), BOS)
        answer = []
        for t in range(limit):
            logits, state = self.decode(token, state, start=t == 0)
            token = logits.argmax(-1)
            answer.append(token)
        return torch.cat(answer, 1)


def batch_of(numbers, words):
    x = [torch.tensor([words[w] for w in spell(n)]) for n in numbers]
    y = [torch.tensor([BOS] + [3 + int(c) for c in str(n)] + [EOS]) for n in numbers]
    return pad_sequence(x, batch_first=True), torch.tensor([len(v) for v in x]), pad_sequence(y, batch_first=True)


def exact_match(model, numbers, words):
    model.eval()
    x, lengths, _ = batch_of(numbers, words)
    good = 0
    for n, row in zip(numbers, model.greedy(x, lengths).tolist()):
        row = row[:row.index(EOS)] if EOS in row else row
        good += "".join(str(t - 3) for t in row) == str(n)
    return good / len(numbers)


def main():
    args = Args()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    numbers = rng.sample(range(100, 4000), 1900)
    train, test = numbers[:1600], numbers[1600:]
    words = {w: i for i, w in enumerate(sorted({w for n in train for w in spell(n)}), 1)}
    model = Seq2Seq(args, len(words) + 1, 13)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    steps = args.epochs * ((len(train) + args.batch - 1) // args.batch)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=args.lr, total_steps=steps)
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    for epoch in range(args.epochs):
        model.train()
        rng.shuffle(train)
        losses = []
        for k in range(0, len(train), args.batch):
            x, lengths, y = batch_of(train[k:k + args.batch], words)
            logits = model(x, lengths, y[:, :-1])
            loss = criterion(logits.transpose(1, 2), y[:, 1:])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
        if epoch % 3 == 0:
            print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} exact match on new numbers {exact_match(model, test, words):.3f}")
    print(f"train {exact_match(model, train[:300], words):.3f} test {exact_match(model, test, words):.3f}")


if __name__ == "__main__":
    main()
