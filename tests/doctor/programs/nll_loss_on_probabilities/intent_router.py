"""
Intent router for the kitchen assistant demo. 30 intents, utterances produced from templates.
"""
import random
import torch
import torch.nn as nn
import torch.optim as optim

SEED = 13
random.seed(SEED)
torch.manual_seed(SEED)

VERBS = {"start": "start begin launch run fire".split(), "stop": "stop halt cancel kill end".split(),
         "status": "check inspect query report show".split(), "raise": "raise increase boost lift up".split(),
         "lower": "lower reduce drop decrease cut".split()}
THINGS = {"oven": "oven stove cooker".split(), "light": "light lamp bulb".split(), "fan": "fan hood vent".split(),
          "timer": "timer alarm countdown".split(), "music": "music radio song".split(),
          "fridge": "fridge freezer icebox".split()}
FILLER = "please could you now the my for me quickly just kindly again a bit today hey ok so then".split()
INTENTS = [(v, t) for v in VERBS for t in THINGS]


def utterance(intent):
    verb, thing = intent
    toks = [random.choice(VERBS[verb])] + random.sample(FILLER, 2) + [random.choice(THINGS[thing])]
    for _ in range(random.randint(1, 4)):
        toks.insert(random.randint(0, len(toks)), random.choice(FILLER))
    return toks


def dataset(n):
    data = []
    for _ in range(n):
        k = random.randrange(len(INTENTS))
        data.append((utterance(INTENTS[k]), k))
    return data


training, heldout = dataset(4000), dataset(800)
vocab = {w: i for i, w in enumerate(sorted({w for s, _ in training for w in s}))}


def collate(rows):
    flat, offsets = [], []
    for toks, _ in rows:
        offsets.append(len(flat))
        flat.extend(vocab[t] for t in toks if t in vocab)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([k for _, k in rows])


class Router(nn.Module):
    def __init__(self, n_words, n_intents, width=32):
        super(Router, self).__init__()
        self.bag = nn.EmbeddingBag(n_words, width, mode="sum")
        self.hidden = nn.Linear(width, 64)
        self.relu = nn.ReLU()
        self.output = nn.Linear(64, n_intents)
        # fault:
        self.activation = nn.Softmax(dim=1)
        # mended:
        # self.activation = nn.LogSoftmax(dim=1)
        # end

    def forward(self, flat, offsets):
        x = self.bag(flat, offsets)
        x = self.relu(self.hidden(x))
        return self.activation(self.output(x))


router = Router(len(vocab), len(INTENTS))
criterion = nn.NLLLoss()
optimizer = optim.SGD(router.parameters(), lr=0.02, momentum=0.9)

for epoch in range(6):
    random.shuffle(training)
    router.train()
    losses = []
    for i in range(0, len(training), 32):
        flat, offsets, target = collate(training[i:i + 32])
        optimizer.zero_grad()
        loss = criterion(router(flat, offsets), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    router.eval()
    with torch.no_grad():
        flat, offsets, target = collate(heldout)
        acc = (router(flat, offsets).argmax(dim=1) == target).float().mean().item()
    print("Epoch {:2d}  loss {:.4f}  held-out accuracy {:.2%}".format(epoch + 1, sum(losses) / len(losses), acc))
