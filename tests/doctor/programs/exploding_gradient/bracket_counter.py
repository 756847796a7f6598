"""Source snippets as token streams: which bracket type is used most?  Plain tanh RNN over 100 tokens,
mean of the states."""
import random
import torch
import torch.nn as nn

random.seed(9)
torch.manual_seed(9)
TOK = ["(", ")", "[", "]", "{", "}", "id", "num", "op", ";", "str"]
KIND = ["round", "square", "curly"]


def snippet():
    k = random.randrange(3)
    p = [0.5, 0.5, 0.5]
    p[k] = 1.6
    out, stack = [], []
    for _ in range(100):
        r = random.random()
        if r < 0.35:
            b = random.choices(range(3), p)[0]
            out.append(2 * b)
            stack.append(b)
        elif r < 0.65 and stack:
            out.append(2 * stack.pop() + 1)
        else:
            out.append(random.randint(6, 10))
    return out, k


rows = [snippet() for _ in range(2400)]
X = torch.tensor([r[0] for r in rows])
Y = torch.tensor([r[1] for r in rows])
xt, yt, xv, yv = X[:2000], Y[:2000], X[2000:], Y[2000:]


class BracketRNN(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.emb = nn.Embedding(len(TOK), 16)
        self.rnn = nn.RNN(16, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, len(KIND))
        nn.init.normal_(self.emb.weight, std=0.5)
        nn.init.xavier_uniform_(self.rnn.weight_ih_l0, gain=0.5)
        # fault:
        nn.init.orthogonal_(self.rnn.weight_hh_l0, gain=2.6)
        # mended:
        # nn.init.orthogonal_(self.rnn.weight_hh_l0)
        # end
        nn.init.zeros_(self.rnn.bias_hh_l0)
        nn.init.zeros_(self.rnn.bias_ih_l0)

    def forward(self, x):
        out, _ = self.rnn(self.emb(x))
        return self.fc(out.mean(dim=1))


model = BracketRNN()
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
ce = nn.CrossEntropyLoss()
for epoch in range(7):
    model.train()
    tot, norms = 0.0, []
    for b in torch.randperm(len(xt)).split(50):
        opt.zero_grad()
        loss = ce(model(xt[b]), yt[b])
        loss.backward()
        norms.append(float(nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
        opt.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch}: loss {tot / 40:.4f} val acc {acc:.4f} gradient norm (median) {sorted(norms)[20]:.2f}")
