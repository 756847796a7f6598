# Next-event model on a game server's log: one endless stream cut in columns, GRU with tied weights, truncated BPTT.
# There is no padding and nothing is shuffled: the state is carried from chunk to chunk.
import math, time
import numpy as np
import torch
import torch.nn as nn

hp = {"emsize": 32, "bptt": 16, "cols": 20, "lr": 0.01, "epochs": 4, "clip": 0.5, "seed": 1111}
torch.manual_seed(hp["seed"]); rng = np.random.RandomState(hp["seed"])

EVENTS = ("<eos> login logout queue match_start match_end kill death assist respawn chat emote buy sell equip upgrade quest_take "
          "quest_done level_up loot party_join party_leave trade mute").split()
stoi = {e: i for i, e in enumerate(EVENTS)}


def session():
    out = ["login"]
    for _ in range(rng.randint(1, 4)):
        kind = rng.randint(3)
        if kind == 0:
            out += ["queue", "match_start"]
            for _ in range(rng.randint(1, 4)):
                out += {0: ["kill", "loot"], 1: ["death", "respawn"], 2: ["assist", "emote"]}[rng.randint(3)]
            out += ["match_end"]
        elif kind == 1:
            out += ["quest_take", "loot", "quest_done"] + (["level_up", "upgrade"] if rng.rand() < .4 else [])
        else:
            out += ["sell", "buy", "equip"] if rng.rand() < .7 else ["party_join", "trade", "party_leave"]
        if rng.rand() < .15:
            out += ["chat"] + (["mute"] if rng.rand() < .3 else [])
    return out + ["logout", "<eos>"]


def stream(n_sessions):
    return torch.tensor([stoi[e] for _ in range(n_sessions) for e in session()])


def batchify(data, cols):
    n = data.numel() // cols
    return data[: n * cols].view(cols, n).t().contiguous()        # (time, cols)


class EventModel(nn.Module):
    def __init__(self, ntoken, ninp):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.GRU(ninp, ninp)
        self.drop = nn.Dropout(0.1)
        self.decoder = nn.Linear(ninp, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, h):
        y, h = self.rnn(self.drop(self.encoder(x)), h)
        return self.decoder(self.drop(y)), h


train_s, valid_s = batchify(stream(1500), hp["cols"]), batchify(stream(300), hp["cols"])
model = EventModel(len(EVENTS), hp["emsize"])
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=hp["lr"])
sched = torch.optim.lr_scheduler.StepLR(opt, 1, gamma=0.5)


def chunks(source):
    for i in range(0, len(source) - 1, hp["bptt"]):
        n = min(hp["bptt"], len(source) - 1 - i)
        yield source[i:i + n], source[i + 1:i + 1 + n]


@torch.no_grad()
def evaluate(source):
    model.eval()
    h, total, hits = None, 0.0, 0
    for x, y in chunks(source):
        out, h = model(x, h)
        total += criterion(out.flatten(0, 1), y.flatten()).item() * y.numel()
        hits += (out.argmax(-1) == y).sum().item()
    n = (len(source) - 1) * source.size(1)
    return math.exp(total / n), hits / n


uni = torch.bincount(train_s.flatten(), minlength=len(EVENTS)).float()
uni = uni / uni.sum()
print(f"unigram ppl {math.exp(-(uni * (uni + 1e-9).log()).sum()):.2f}, most frequent event {uni.max():.3f}")
for epoch in range(1, hp["epochs"] + 1):
    model.train()
    h, seen, t0 = None, [], time.process_time()
    for x, y in chunks(train_s):
        h = h.detach() if h is not None else None
        out, h = model(x, h)
        loss = criterion(out.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), hp["clip"])
        opt.step()
        seen.append(loss.item())
    sched.step()
    ppl, acc = evaluate(valid_s)
    print(f"| epoch {epoch} | {time.process_time() - t0:.1f}s | train ppl {math.exp(np.mean(seen)):.3f} | valid ppl {ppl:.3f} acc {acc:.3f}")
print("final train ppl %.3f acc %.3f" % evaluate(train_s))
print("final valid ppl %.3f acc %.3f" % evaluate(valid_s))
