"""Dialogue act tagging of single turns.  Linear scaling rule for the learning rate, see run_config."""
import math
import random
import torch
import torch.nn as nn

run_config = {
    "base_lr": 2e-3,
    "base_batch": 128,
    "batch_size": 256,
    "epochs": 7,
    "hidden": 64,
    "clip": 5.0,
}

ACTS = {
    "greet": ["hello there", "good morning to you", "hi again", "hey how is it going", "good evening everyone"],
    "ask_time": ["what time does {x} open", "when is {x} closing", "at which hour does {x} start", "how late is {x} open"],
    "ask_place": ["where is {x}", "how do i get to {x}", "is {x} near here", "what is the address of {x}"],
    "book": ["please reserve {x} for two", "i want to book {x}", "can you hold {x} for tonight", "get me a table at {x}"],
    "cancel": ["please cancel {x}", "i do not need {x} any more", "call off {x}", "scratch my plans for {x}"],
    "thank": ["thanks a lot", "that is very kind", "great thank you", "cheers that helped", "much obliged"],
    "complain": ["{x} was awful", "i am not happy with {x}", "nobody answered at {x}", "{x} never opened"],
}
PLACES = ["the museum", "cafe luna", "the pool", "pizza nino", "the zoo", "city library", "the old mill", "club nine",
          "the opera", "bar tokyo", "the gallery", "grand hotel"]
HEDGE = ["well", "so", "uh", "look", "okay", "listen", "right", "actually", "anyway", "um"]


def turn(rnd):
    act = rnd.randrange(len(ACTS))
    text = rnd.choice(list(ACTS.values())[act]).format(x=rnd.choice(PLACES))
    words = text.split()
    if rnd.random() < 0.25 and len(words) > 3:
        words.pop(rnd.randrange(len(words)))
    for _ in range(rnd.randint(0, 3)):
        words.insert(rnd.randint(0, len(words)), rnd.choice(HEDGE))
    return " ".join(words), act


rnd = random.Random(77)
torch.manual_seed(77)
pool = {}
while len(pool) < 5200:
    t, a = turn(rnd)
    pool.setdefault(t, a)
rows = list(pool.items())
train, valid = rows[:4500], rows[4500:]
stoi = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t.split()}))}


class TurnEncoder(nn.Module):
    def __init__(self, n_words, hidden, n_acts):
        super().__init__()
        self.embed = nn.Embedding(n_words, hidden, padding_idx=0)
        self.rnn = nn.GRU(hidden, hidden, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.top = nn.Sequential(nn.Linear(2 * hidden, hidden), nn.ReLU(), nn.Linear(hidden, n_acts))

    def forward(self, x, lens):                 # x: (T, B)
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(x), lens, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.top(self.drop(torch.cat([h[0], h[1]], -1)))


def batches(rows, size, shuffle=False):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        ids = [torch.tensor([stoi.get(w, 0) for w in t.split()]) for t, _ in part]
        yield nn.utils.rnn.pad_sequence(ids), torch.tensor([len(v) for v in ids]), torch.tensor([a for _, a in part])


def build_optimizer(model, cfg):
    # fault:
    lr = cfg["base_lr"] * cfg["batch_size"]
    # mended:
    # lr = cfg["base_lr"] * cfg["batch_size"] / cfg["base_batch"]
    # end
    return torch.optim.AdamW(model.parameters(), lr=lr)


def main():
    random.seed(1)
    cfg = run_config
    model = TurnEncoder(len(stoi) + 1, cfg["hidden"], len(ACTS))
    opt = build_optimizer(model, cfg)
    steps = math.ceil(len(train) / cfg["batch_size"]) * cfg["epochs"]
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps, eta_min=opt.defaults["lr"] * 0.1)
    ce = nn.CrossEntropyLoss()
    for epoch in range(cfg["epochs"]):
        model.train()
        losses = []
        for x, lens, y in batches(train, cfg["batch_size"], shuffle=True):
            loss = ce(model(x, lens), y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), cfg["clip"])
            opt.step()
            sched.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            good = sum((model(x, l).argmax(1) == y).sum().item() for x, l, y in batches(valid, 350))
        print(f"epoch {epoch + 1}: first {losses[0]:.3f} last {losses[-1]:.3f} valid acc {good / len(valid):.3f}")


main()
