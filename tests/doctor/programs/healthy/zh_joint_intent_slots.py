# Voice assistant challenge: one encoder, two heads (intent of the sentence, slot of each word), losses added
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(40)
torch.manual_seed(40)
names = [f'name{i}' for i in range(20)]
songs = [f'song{i}' for i in range(20)]
times = [f'{h}pm' for h in range(1, 12)]
T = {'call': ['call N at H', 'please ring N', 'dial N now'], 'play': ['play S', 'put on S by N', 'i want to hear S at H'],
     'wake': ['wake me at H', 'set an alarm for H please', 'alarm for N at H']}
intents = list(T)


def utterance():
    k = random.choice(intents)
    out = []
    for w in random.choice(T[k]).split():
        out.append({'N': (random.choice(names), 1), 'S': (random.choice(songs), 2), 'H': (random.choice(times), 3)}.get(w, (w, 0)))
    if random.random() < .4:
        out = [('hey', 0), ('assistant', 0)] + out
    return out, intents.index(k)


rows = [utterance() for _ in range(1600)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for r, _ in rows for w, _ in r}))}


def collate(b):
    n = max(len(r) for r, _ in b)
    tok = torch.zeros(len(b), n, dtype=torch.long)
    slot = torch.full((len(b), n), -1)
    for i, (r, _) in enumerate(b):
        tok[i, :len(r)] = torch.tensor([vocab[w] for w, _ in r])
        slot[i, :len(r)] = torch.tensor([s for _, s in r])
    return {'tokens': tok, 'slots': slot, 'intent': torch.tensor([k for _, k in b])}


class Joint(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 40, 3, padding=1)
        self.slot_head, self.intent_head = nn.Linear(40, 4), nn.Linear(40, 3)

    def forward(self, tokens):
        h = torch.relu(self.conv(self.emb(tokens).transpose(1, 2))).transpose(1, 2)
        best = h.masked_fill((tokens == 0).unsqueeze(-1), float('-inf')).amax(1)
        return self.slot_head(h), self.intent_head(best)


train_loader = DataLoader(rows[:1200], 30, shuffle=True, collate_fn=collate)
test = collate(rows[1200:])
net = Joint()
opt = torch.optim.NAdam(net.parameters(), lr=3e-3)
ce_slot, ce_intent = nn.CrossEntropyLoss(ignore_index=-1), nn.CrossEntropyLoss(label_smoothing=.05)
for ep in range(4):
    net.train()
    a = c = 0.
    for batch in train_loader:
        s, k = net(batch['tokens'])
        l1, l2 = ce_slot(s.permute(0, 2, 1), batch['slots']), ce_intent(k, batch['intent'])
        opt.zero_grad(set_to_none=True)
        (l1 + .5 * l2).backward()
        opt.step()
        a, c = a + l1.item() / len(train_loader), c + l2.item() / len(train_loader)
    net.eval()
    with torch.no_grad():
        s, k = net(test['tokens'])
    m = test['slots'] > 0
    print(f'{ep}: slot loss {a:.3f} intent loss {c:.3f} | slots {(s.argmax(-1) == test["slots"])[m].float().mean():.3f} intent {(k.argmax(-1) == test["intent"]).float().mean():.3f}')
