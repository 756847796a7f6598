"""Next-chord prediction on generated lead sheets (LSTM), compared with the unigram perplexity."""
import math
import random
import torch
import torch.nn as nn

random.seed(7)
torch.manual_seed(7)

CHORDS = ["<s>", "I", "ii", "iii", "IV", "V", "vi", "vii"]
C2I = {c: i for i, c in enumerate(CHORDS)}
CADENCES = {
    "pop": ["I", "V", "vi", "IV"],
    "fifties": ["I", "vi", "IV", "V"],
    "jazz": ["ii", "V", "I", "vi"],
    "folk": ["I", "IV", "I", "V"],
    "descending": ["vi", "V", "IV", "iii"],
}


def lead_sheet(bars=24):
    out, style = [], random.choice(list(CADENCES))
    while len(out) < bars:
        for c in CADENCES[style]:
            out.append(c if random.random() > 0.06 else random.choice(CHORDS[1:]))
        if random.random() < 0.2:
            style = random.choice(list(CADENCES))
    return out[:bars]


def encode(sheets):
    return torch.tensor([[C2I["<s>"]] + [C2I[c] for c in s] for s in sheets])


train, test = encode([lead_sheet() for _ in range(600)]), encode([lead_sheet() for _ in range(150)])


class ChordLM(nn.Module):
    def __init__(self, v, dim=32):
        super().__init__()
        self.emb = nn.Embedding(v, dim)
        self.rnn = nn.LSTM(dim, dim, batch_first=True)
        self.out = nn.Linear(dim, v)
        self.out.weight = self.emb.weight      # tied

        nn.init.normal_(self.emb.weight, std=0.1)

    def forward(self, x):
        h, _ = self.rnn(self.emb(x))
        return self.out(h)


model = ChordLM(len(CHORDS))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
ce = nn.CrossEntropyLoss()


@torch.no_grad()
def evaluate(data):
    model.eval()
    logits = model(data[:, :-1])
    gold = data[:, 1:]
    nll = ce(logits.flatten(0, 1), gold.flatten()).item()
    return math.exp(nll), (logits.argmax(-1) == gold).float().mean().item()


counts = torch.bincount(train[:, 1:].flatten(), minlength=len(CHORDS)).float()
p = counts / counts.sum()
print("unigram perplexity %.2f" % math.exp(-(p[p > 0] * p[p > 0].log()).sum()))
for epoch in range(8):
    model.train()
    for batch in train[torch.randperm(len(train))].split(24):
        logits = model(batch[:, :-1])
        loss = ce(logits.flatten(0, 1), batch[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    print(f"epoch {epoch}: last batch {loss.item():.3f}  train ppl {evaluate(train)[0]:.3f}  "
          f"test ppl {evaluate(test)[0]:.3f}  test acc {evaluate(test)[1]:.3f}")
