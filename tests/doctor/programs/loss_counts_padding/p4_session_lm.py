"""Next-page model for shop sessions: a GRU language model over page ids."""
import argparse
import math

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

PAD, BOS, EOS = 0, 1, 2


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--pages", type=int, default=60)
    p.add_argument("--sessions", type=int, default=1500)
    p.add_argument("--width", type=int, default=36)
    p.add_argument("--dim", type=int, default=24)
    p.add_argument("--hidden", type=int, default=48)
    p.add_argument("--lr", type=float, default=8e-3)
    p.add_argument("--epochs", type=int, default=7)
    p.add_argument("--batch", type=int, default=50)
    p.add_argument("--seed", type=int, default=8)
    return p.parse_args()


def simulate(args):
    """Each page links to a few others; two in three clicks follow the main link."""
    rng = np.random.default_rng(args.seed)
    links = [rng.choice(args.pages, 4, replace=False) for _ in range(args.pages)]
    sessions, seen = [], set()
    while len(sessions) < args.sessions:
        page, clicks = int(rng.integers(args.pages)), []
        length = 4 + min(int(rng.geometric(0.2)), args.width - 6)
        for _ in range(length):
            clicks.append(page + 3)
            page = int(rng.choice(links[page], p=[0.66, 0.2, 0.09, 0.05]))
        if tuple(clicks) not in seen:
            seen.add(tuple(clicks))
            sessions.append([BOS] + clicks + [EOS])
    return sessions


def to_tensor(sessions, width):
    out = torch.full((len(sessions), width), PAD)
    for i, s in enumerate(sessions):
        out[i, :len(s)] = torch.tensor(s)
    return out


class SessionModel(nn.Module):
    def __init__(self, n_ids, dim, hidden):
        super().__init__()
        self.pages = nn.Embedding(n_ids, dim, padding_idx=PAD)
        self.rnn = nn.GRU(dim, hidden, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.next_page = nn.Linear(hidden, n_ids)

    def forward(self, x):
        states, _ = self.rnn(self.pages(x))
        return self.next_page(self.drop(states))


def step(model, block):
    """Loss and accuracy of predicting every next click of a block of sessions."""
    logits, target = model(block[:, :-1]).flatten(0, 1), block[:, 1:].flatten()
    # fault:
    loss = F.cross_entropy(logits, target)
    accuracy = (logits.argmax(-1) == target).float().mean()
    # mended:
    #loss = F.cross_entropy(logits, target, ignore_index=PAD)
    #accuracy = (logits.argmax(-1) == target)[target != PAD].float().mean()
    # end
    return loss, accuracy.item()


def evaluate(model, data):
    model.eval()
    with torch.no_grad():
        loss, acc = step(model, data)
    model.train()
    return loss.item(), acc


def main():
    args = parse()
    torch.manual_seed(args.seed)
    sessions = simulate(args)
    cut = int(0.85 * len(sessions))
    train, dev = to_tensor(sessions[:cut], args.width), to_tensor(sessions[cut:], args.width)
    model = SessionModel(args.pages + 3, args.dim, args.hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs * math.ceil(cut / args.batch))
    for epoch in range(args.epochs):
        order, total = torch.randperm(cut), []
        for idx in order.split(args.batch):
            loss, _ = step(model, train[idx])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            total.append(loss.item())
        dev_loss, dev_acc = evaluate(model, dev)
        print(f"epoch {epoch + 1:2d} | train ppl {math.exp(sum(total) / len(total)):6.2f} | dev ppl {math.exp(dev_loss):6.2f} | next-click accuracy {dev_acc:.3f}")


if __name__ == "__main__":
    main()
