"""Intent classifier for a home assistant - GRU baseline from my blog post."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 11
random.seed(SEED)
torch.manual_seed(SEED)

ACTIONS = {
    "on": ["switch on", "turn on", "start", "power up", "fire up"],
    "off": ["switch off", "turn off", "stop", "shut down", "kill"],
    "query": ["is there any news from", "what is the state of", "tell me about", "check", "how is"],
    "up": ["raise", "turn up", "increase", "boost", "pump up"],
    "down": ["lower", "turn down", "decrease", "dim", "reduce"],
}
DEVICES = {
    "light": ["the lamp", "the lights", "the ceiling light", "my bulbs"],
    "heat": ["the heating", "the radiator", "the thermostat", "the heater"],
    "music": ["the music", "the speakers", "my playlist", "the radio"],
    "tv": ["the tv", "the television", "the big screen", "the telly"],
    "fan": ["the fan", "the ventilator", "the air conditioner", "the ac"],
    "blind": ["the blinds", "the shades", "the curtains", "the shutters"],
}
ROOMS = ["in the kitchen", "in the bedroom", "upstairs", "in the hall", "in the office", "downstairs", "in here", ""]
POLITE = ["please", "hey", "could you", "ok now", "quickly", "", "for me", "computer"]

intents = ["%s_%s" % (a, d) for a in ACTIONS for d in DEVICES]


def utterance(intent):
    a, d = intent.split("_")
    parts = [random.choice(POLITE), random.choice(ACTIONS[a]), random.choice(DEVICES[d]), random.choice(ROOMS)]
    if random.random() < 0.3:
        parts.append(random.choice(["now", "again", "thanks", "tonight"]))
    return " ".join(p for p in parts if p)


rows = set()
while len(rows) < 2200:
    i = random.randrange(len(intents))
    rows.add((utterance(intents[i]), i))
rows = sorted(rows)
random.shuffle(rows)
train, test = rows[:1700], rows[1700:]

stoi = {"<pad>": 0, "<unk>": 1}
for text, _ in train:
    for w in text.split():
        stoi.setdefault(w, len(stoi))


def collate(batch):
    ids = [torch.tensor([stoi.get(w, 1) for w in t.split()]) for t, _ in batch]
    lens = torch.tensor([len(i) for i in ids])
    x = nn.utils.rnn.pad_sequence(ids, batch_first=True)
    return x, lens, torch.tensor([y for _, y in batch])


class IntentNet(nn.Module):
    def __init__(self, n_words, n_intents, dim=32, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(hidden, n_intents)

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        out = self.fc(self.drop(h[-1]))
        # fault:
        return F.softmax(out, dim=1)
        # mended:
        #return F.log_softmax(out, dim=1)
        # end


model = IntentNet(len(stoi), len(intents))
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.15, momentum=0.9)


def evaluate(data):
    model.eval()
    good = 0
    with torch.no_grad():
        for k in range(0, len(data), 200):
            x, l, y = collate(data[k:k + 200])
            good += (model(x, l).argmax(1) == y).sum().item()
    return good / len(data)


EPOCHS = 7
for epoch in range(EPOCHS):
    model.train()
    random.shuffle(train)
    running = 0.0
    for k in range(0, len(train), 32):
        x, l, y = collate(train[k:k + 32])
        optimizer.zero_grad()
        loss = criterion(model(x, l), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
    print("epoch %2d  loss %.4f  train %.3f  test %.3f" % (epoch + 1, running / len(train), evaluate(train), evaluate(test)))
