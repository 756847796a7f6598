"""Support chats: will this conversation be escalated?

A chat is a list of event codes (what the customer or the agent did).  Training goes through batches of similar length; the scoring
service fills every chat to MAX_EVENTS, because the exported graph wants one shape.
"""
import random

import torch
from torch import nn

MAX_EVENTS = 96
EVENTS = ["<pad>"] + ["greet", "wait", "link_sent", "refund_asked", "refund_given", "order_lookup", "angry", "thanks", "transfer", "idle",
                      "upload", "typing", "rude", "coupon", "photo", "address", "legal_threat", "solved", "not_solved", "repeat_question",
                      "supervisor_asked", "apology", "survey", "bug_report", "password", "card_issue", "late_parcel", "praise"]
HEAT = {"angry": 2.0, "rude": 1.6, "legal_threat": 3.0, "not_solved": 1.4, "supervisor_asked": 2.4, "repeat_question": 1.1, "late_parcel": 0.8,
        "thanks": -1.8, "solved": -2.4, "praise": -2.6, "refund_given": -1.6, "coupon": -0.9, "apology": -0.7}
PAD = 0


def simulate(n, rng):
    chats, seen = [], set()
    while len(chats) < n:
        mood = rng.gauss(0, 0.45)
        weights = [2.718 ** (mood * HEAT.get(e, 0)) for e in EVENTS[1:]]
        ids = rng.choices(range(1, len(EVENTS)), weights, k=rng.randint(6, 40))
        heat = sum(HEAT.get(EVENTS[i], 0) for i in ids) / len(ids)
        if abs(heat) > 0.05 and tuple(ids) not in seen:
            seen.add(tuple(ids))
            chats.append((ids, int(heat > 0)))
    return chats


def fill(chats, length=None):
    length = length or max(len(c) for c, _ in chats)
    x = torch.full((len(chats), length), PAD)
    for row, (ids, _) in zip(x, chats):
        row[:len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in chats])


class ChatEncoder(nn.Module):
    def __init__(self, dim=32, heads=4):
        super().__init__()
        self.events = nn.Embedding(len(EVENTS), dim)
        self.place = nn.Embedding(MAX_EVENTS, dim)
        nn.init.normal_(self.place.weight, std=0.1)
        self.query = nn.Parameter(torch.randn(1, 1, dim) * 0.2)
        self.attention = nn.MultiheadAttention(dim, heads, dropout=0.1, batch_first=True)
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Sequential(nn.Linear(dim, 32), nn.GELU(), nn.Linear(32, 2))

    def forward(self, x):
        h = self.events(x) + self.place(torch.arange(x.shape[1]))
        query = self.query.expand(len(x), -1, -1)
        # fault:
        pooled, _ = self.attention(query, h, h, need_weights=False)
        # mended:
        #pooled, _ = self.attention(query, h, h, key_padding_mask=x == PAD, need_weights=False)
        # end
        return self.out(self.norm(pooled[:, 0]))


def similar_length_batches(chats, size, rng):
    ordered = sorted(chats, key=lambda c: (len(c[0]), rng.random()))
    batches = [ordered[i:i + size] for i in range(0, len(ordered), size)]
    rng.shuffle(batches)
    return batches


def main():
    rng = random.Random(13)
    torch.manual_seed(13)
    chats = simulate(3200, rng)
    test, train = chats[:700], chats[700:]
    model = ChatEncoder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(1, 9):
        model.train()
        total = 0.0
        for batch in similar_length_batches(train, 40, rng):
            x, y = fill(batch)
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        model.eval()
        with torch.no_grad():
            x, y = fill(test, MAX_EVENTS)
            out = model(x)
            loss, hit = criterion(out, y).item(), (out.argmax(1) == y).float().mean().item()
        print(f"epoch {epoch} train loss {total / len(train):.3f} served loss {loss:.3f} accuracy {hit:.3f}")
    print(f"escalated in the test chats: {y.float().mean():.3f}")


if __name__ == "__main__":
    main()
