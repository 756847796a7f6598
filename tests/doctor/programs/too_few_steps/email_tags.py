"""Multi-label tags of office e-mails, bag of words, BCE; trained by steps."""
import random
import torch

random.seed(2)
torch.manual_seed(2)
topics = {
    "meeting": "agenda room minutes invite slot calendar reschedule attendees",
    "invoice": "amount due payment supplier iban overdue net total",
    "travel": "flight hotel train visa booking itinerary luggage airport",
    "hiring": "candidate interview resume offer salary reference position applicant",
    "server": "deploy outage latency rollback backup certificate disk queue",
    "legal": "contract clause liability signature notary party breach court",
}
filler = [f"w{i}" for i in range(400)]
words = sorted({w for v in topics.values() for w in v.split()}) + filler
wid = {w: i for i, w in enumerate(words)}


def mail():
    tags = [t for t in topics if random.random() < 0.3]
    body = [random.choice(topics[t].split()) for t in tags for _ in range(random.randint(1, 3))]
    body += random.choices(filler, k=random.randint(8, 20))
    if random.random() < 0.2:
        body.append(random.choice(words[:48]))
    random.shuffle(body)
    return [wid[w] for w in body], [float(t in tags) for t in topics]


mails = [mail() for _ in range(3500)]
train, dev = mails[:3000], mails[3000:]


def batch(rows):
    flat = torch.tensor([i for r, _ in rows for i in r])
    off = torch.tensor([0] + [len(r) for r, _ in rows[:-1]]).cumsum(0)
    return flat, off, torch.tensor([t for _, t in rows])


bag = torch.nn.EmbeddingBag(len(words), 32, mode="sum")
head = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(32, len(topics)))
torch.nn.init.normal_(bag.weight, std=0.1)
optimizer = torch.optim.Adam([*bag.parameters(), *head.parameters()], lr=1.5e-3)
criterion = torch.nn.BCEWithLogitsLoss()


def micro_f1():
    head.eval()
    with torch.no_grad():
        f, o, t = batch(dev)
        z = head(bag(f, o))
    p = (z > 0).float()
    head.train()
    return 2 * (p * t).sum().item() / (p.sum() + t.sum()).item(), criterion(z, t).item()


# fault:
STEPS, EVERY = 120, 15
# mended:
# STEPS, EVERY = 1500, 150
# end
running = 0.0
for step in range(1, STEPS + 1):
    f, o, t = batch(random.sample(train, 48))
    loss = criterion(head(bag(f, o)), t)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    running += loss.item()
    if step % EVERY == 0:
        f1, dl = micro_f1()
        print(f"step {step:5d} train {running / EVERY:.4f} dev {dl:.4f} micro-F1 {f1:.4f}")
        running = 0.0
