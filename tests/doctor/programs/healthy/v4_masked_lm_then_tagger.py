"""Two stages: masked-LM pretraining of a tiny encoder (85 % of the targets are -100 by design), then a tagger whose
encoder is warm-started and tuned at a tenth of the head's rate.  Majority tag share is printed for comparison."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(6)
torch.manual_seed(6)

TAGS = ["<pad>", "DET", "ADJ", "NOUN", "VERB", "ADV"]
mk = lambda p, n: [f"{p}{i}" for i in range(n)]
LEX = {"DET": ["the", "a", "this"], "ADJ": mk("a", 20), "NOUN": mk("n", 40), "VERB": mk("v", 25), "ADV": mk("r", 10)}
AMBI = mk("x", 15)              # noun or verb, the place decides


def phrase():
    out = [(random.choice(LEX["DET"]), "DET")]
    out += [(random.choice(LEX["ADJ"]), "ADJ") for _ in range(random.randint(0, 2))]
    return out + [(random.choice(AMBI if random.random() < 0.3 else LEX["NOUN"]), "NOUN")]


def sentence():
    s = phrase() + [(random.choice(AMBI if random.random() < 0.3 else LEX["VERB"]), "VERB")]
    if random.random() < 0.7:
        s += phrase()
    if random.random() < 0.5:
        s += [(random.choice(LEX["ADV"]), "ADV")]
    return s


unlabelled, labelled, held = ([sentence() for _ in range(n)] for n in (1600, 500, 300))
PAD, MASK = 0, 1
vocab = {w: i + 2 for i, w in enumerate(sorted(set(sum(LEX.values(), []) + AMBI)))}
V = len(vocab) + 2


def batch(sents):
    x = pad_sequence([torch.tensor([vocab[w] for w, _ in s]) for s in sents], True, PAD)
    y = pad_sequence([torch.tensor([TAGS.index(t) for _, t in s]) for s in sents], True, 0)
    return x, y


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(V, d, padding_idx=PAD), nn.Embedding(16, d)
        nn.init.normal_(self.tok.weight, std=0.2)
        self.tok.weight.data[PAD] = 0
        nn.init.normal_(self.pos.weight, std=0.2)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)

    def forward(self, x):
        return self.enc(self.tok(x) + self.pos.weight[: x.size(1)], src_key_padding_mask=x == PAD)


body = Encoder()
bias = nn.Parameter(torch.zeros(V))
opt = torch.optim.Adam([*body.parameters(), bias], lr=4e-3)
for epoch in range(4):
    random.shuffle(unlabelled)
    tot = 0.0
    for i in range(0, len(unlabelled), 32):
        x, _ = batch(unlabelled[i:i + 32])
        pick = (torch.rand(x.shape) < 0.15) & (x != PAD)
        pick[:, 0] |= ~pick.any(1)                    # at least one per sentence
        target = x.masked_fill(~pick, -100)
        logits = body(x.masked_fill(pick, MASK)) @ body.tok.weight.t() + bias
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    print(f"mlm epoch {epoch} perplexity {torch.tensor(tot / 50).exp():.1f} (vocabulary {V})")

head = nn.Linear(32, len(TAGS))
opt = torch.optim.Adam([{"params": body.parameters(), "lr": 5e-4}, {"params": head.parameters(), "lr": 5e-3}])


@torch.no_grad()
def token_accuracy(sents):
    body.eval()
    x, y = batch(sents)
    ok = head(body(x))[..., 1:].argmax(-1) + 1 == y
    return ok[y > 0].float().mean().item()


for epoch in range(6):
    body.train()
    random.shuffle(labelled)
    for i in range(0, len(labelled), 20):
        x, y = batch(labelled[i:i + 20])
        loss = nn.functional.cross_entropy(head(body(x)).transpose(1, 2), y, ignore_index=0)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"tag epoch {epoch} loss {loss.item():.3f} train {token_accuracy(labelled):.3f} held-out {token_accuracy(held):.3f}")
_, y = batch(held)
print("majority tag", round((y[y > 0].bincount().max() / (y > 0).sum()).item(), 3))
