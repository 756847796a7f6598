"""Joint intent detection and slot filling on home-assistant commands (multi-task).

Two losses, uncertainty-weighted after Kendall et al. -- the total may go below zero, that is by design.
Sub-word padding in the tag sequence is -100 and skipped by the loss; the intent is a masked max over time.
"""
import itertools
import random

import torch
import torch.nn as nn

SEED = 99
random.seed(SEED)
torch.manual_seed(SEED)

ROOMS = ["kitchen", "bedroom", "living room", "garage", "hallway", "guest room", "attic", "home office"]
DEVICES = ["lamp", "lights", "radiator", "air conditioner", "blinds", "speaker", "coffee machine", "tv"]
TIMES = ["at noon", "at six", "at half past nine", "tonight", "in ten minutes", "tomorrow morning", "at midnight", "in an hour"]
POLITE = ["please", "could you", "hey", "would you mind", "i want you to", "can you", ""]
TEMPLATES = {
    "switch_on": ["turn on the {D} in the {R}", "switch the {R} {D} on", "start the {D} {T}", "power up the {D} in the {R} {T}"],
    "switch_off": ["turn off the {D} in the {R}", "switch the {R} {D} off", "stop the {D} {T}", "shut down the {D} in the {R} {T}"],
    "status": ["is the {D} in the {R} on", "what is the {R} {D} doing", "check the {D} in the {R}", "will the {D} be running {T}"],
    "schedule": ["remind me {T} about the {D}", "set a timer for the {R} {D} {T}", "plan the {D} {T} in the {R}", "wake me {T} with the {R} {D}"],
}
INTENTS = list(TEMPLATES)
TAGS = ["O"] + [p + s for s in "DRT" for p in ("B-", "I-")]


def expand(intent, template, d, r, t, pol):
    words, tags = pol.split(), ["O"] * len(pol.split())
    for tok in template.split():
        if tok in ("{D}", "{R}", "{T}"):
            filler = {"{D}": d, "{R}": r, "{T}": t}[tok].split()
            words += filler
            tags += ["B-" + tok[1]] + ["I-" + tok[1]] * (len(filler) - 1)
        else:
            words.append(tok)
            tags.append("O")
    return " ".join(words), tags, intent


everything = {}
for intent, ts in TEMPLATES.items():
    for template, d, r, t, pol in itertools.product(ts, DEVICES, ROOMS, TIMES, POLITE):
        s, tg, it = expand(intent, template, d, r, t, pol)
        everything[s] = (tg, it)
keys = random.sample(sorted(everything), 1700)
train, valid = keys[:1400], keys[1400:]
vocab = {"<pad>": 0, "<unk>": 1}
for s in train:
    for w in s.split():
        vocab.setdefault(w, len(vocab))


def collate(part, drop=0.0):
    n = max(len(s.split()) for s in part)
    batch = {"ids": torch.zeros(len(part), n, dtype=torch.long), "tags": torch.full((len(part), n), -100),
             "intent": torch.tensor([INTENTS.index(everything[s][1]) for s in part])}
    for i, s in enumerate(part):
        w = s.split()
        batch["ids"][i, :len(w)] = torch.tensor([vocab.get(x, 1) if random.random() >= drop else 1 for x in w])   # a few <unk> for robustness
        batch["tags"][i, :len(w)] = torch.tensor([TAGS.index(t) for t in everything[s][0]])
    return batch


class JointModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), 32, padding_idx=0)
        self.rnn = nn.LSTM(32, 32, bidirectional=True, batch_first=True)
        self.slot, self.intent = nn.Linear(64, len(TAGS)), nn.Linear(64, len(INTENTS))
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, ids):
        lens = (ids != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(ids), lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        pooled = h.masked_fill((ids == 0)[..., None], -torch.inf).amax(1)
        return self.slot(h), self.intent(pooled)


model = JointModel()
opt = torch.optim.Adam([{"params": [p for n, p in model.named_parameters() if n != "log_var"], "lr": 5e-3}, {"params": [model.log_var], "lr": 2e-2}])
slot_loss, intent_loss = nn.CrossEntropyLoss(), nn.CrossEntropyLoss()
for epoch in range(1, 6):
    random.shuffle(train)
    model.train()
    hist = []
    for i in range(0, len(train), 40):
        b = collate(train[i:i + 40], drop=0.02)
        slots, intents = model(b["ids"])
        each = torch.stack([slot_loss(slots.transpose(1, 2), b["tags"]), intent_loss(intents, b["intent"])])
        loss = ((-model.log_var).exp() * each + model.log_var / 2).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        hist.append([loss.item(), *each.tolist()])
    model.eval()
    with torch.no_grad():
        b = collate(valid)
        slots, intents = model(b["ids"])
        real = b["tags"] != -100
        tag_acc = (slots.argmax(2) == b["tags"])[real].float().mean()
        int_acc = (intents.argmax(1) == b["intent"]).float().mean()
        whole = ((slots.argmax(2) == b["tags"]) | ~real).all(1).float().mean()
    m = torch.tensor(hist).mean(0)
    print(f"epoch {epoch} total {m[0]:+.3f} slots {m[1]:.3f} intent {m[2]:.3f} | valid tag acc {tag_acc:.3f} intent acc {int_acc:.3f} sentence {whole:.3f}")
