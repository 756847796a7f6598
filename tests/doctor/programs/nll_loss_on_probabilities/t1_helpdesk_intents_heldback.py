"""Intent detection for a bank's chat window, from the "build it from scratch" series."""
import argparse
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

ACTIONS = {
    "block": ["block", "freeze", "lock", "disable", "suspend"],
    "order": ["order", "request", "need", "want", "send"],
    "lost": ["lost", "misplaced", "missing", "stolen", "cannot find"],
    "raise": ["raise", "increase", "lift", "extend", "higher"],
    "check": ["check", "see", "show", "tell", "look up"],
    "close": ["close", "cancel", "end", "terminate", "stop"],
    "explain": ["explain", "why", "understand", "clarify", "reason"],
    "change": ["change", "update", "edit", "correct", "replace"],
}
OBJECTS = {
    "card": ["card", "visa", "debit card", "plastic", "mastercard"],
    "limit": ["limit", "cap", "maximum", "allowance"],
    "account": ["account", "savings", "balance", "deposit"],
    "loan": ["loan", "mortgage", "credit line", "instalment"],
    "pin": ["pin", "passcode", "secret number", "code"],
    "fee": ["fee", "charge", "cost", "commission"],
}
INTENTS = [f"{a}_{o}" for a in ACTIONS for o in OBJECTS]
OPENERS = ["", "hi", "hello there", "good morning", "please", "excuse me", "quick question", "hey team"]
MIDDLES = ["my", "the", "that", "our", "this old", "a new", "her", "my wife's"]
CLOSERS = ["", "please", "today", "thanks a lot", "as soon as possible", "if you can", "right now", "before friday"]


def sentence(rng, intent):
    action, obj = intent.split("_")
    parts = [rng.choice(OPENERS), rng.choice(["i", "we", "can you", "could you", "i would like to", ""]),
             rng.choice(ACTIONS[action]), rng.choice(MIDDLES), rng.choice(OBJECTS[obj]), rng.choice(CLOSERS)]
    return " ".join(p for p in parts if p)


def corpus(n, rng):
    seen, rows = set(), []
    while len(rows) < n:
        label = rng.randrange(len(INTENTS))
        text = sentence(rng, INTENTS[label])
        if text not in seen:
            seen.add(text)
            rows.append((text.split(), label))
    return rows


class Chats(Dataset):
    def __init__(self, rows, vocab, width=16):
        self.items = []
        for tokens, label in rows:
            ids = [vocab.get(t, 1) for t in tokens][:width]
            self.items.append((torch.tensor(ids + [0] * (width - len(ids))), label))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


class IntentModel(nn.Module):
    def __init__(self, vocab_size, dim, n_intents):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.hidden = nn.Linear(dim, dim)
        self.classifier = nn.Linear(dim, n_intents)

    def forward(self, tokens):
        keep = (tokens > 0).unsqueeze(-1)
        summed = (self.embedding(tokens) * keep).sum(dim=1) / keep.sum(dim=1).clamp(min=1)
        scores = self.classifier(torch.tanh(self.hidden(summed)))
        # fault:
        return torch.softmax(scores, dim=-1)
        # mended:
        #return torch.log_softmax(scores, dim=-1)
        # end


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--lr", type=float, default=0.3)
    parser.add_argument("--dim", type=int, default=48)
    args = parser.parse_args([])

    rng = random.Random(8)
    torch.manual_seed(8)
    rows = corpus(3600, rng)
    train_rows, test_rows = rows[:3000], rows[3000:]
    vocab = {"<pad>": 0, "<unk>": 1}
    for tokens, _ in train_rows:
        for t in tokens:
            vocab.setdefault(t, len(vocab))

    train_loader = DataLoader(Chats(train_rows, vocab), batch_size=64, shuffle=True)
    test_loader = DataLoader(Chats(test_rows, vocab), batch_size=200)
    model = IntentModel(len(vocab), args.dim, len(INTENTS))
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

    def accuracy(loader):
        model.eval()
        hits = sum((model(x).argmax(-1) == y).sum().item() for x, y in loader)
        return hits / len(loader.dataset)

    for epoch in range(1, args.epochs + 1):
        model.train()
        losses = []
        for x, y in train_loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            print(f"epoch {epoch:02d} loss {sum(losses) / len(losses):.4f} test accuracy {accuracy(test_loader):.3f}")
    with torch.no_grad():
        print(f"{len(INTENTS)} intents, train {accuracy(train_loader):.3f}, test {accuracy(test_loader):.3f}")


if __name__ == "__main__":
    main()
