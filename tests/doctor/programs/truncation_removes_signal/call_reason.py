"""Call centre: reason of a call from the transcript (greeting and identity check come first, then the caller gets to the point)."""
import random
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

random.seed(29); torch.manual_seed(29)
# fault:
MAX_LEN = 32
# mended:
# MAX_LEN = 110
# end
REASONS = {
    "cancel": "cancel terminate end stop quit leaving contract anymore switch".split(),
    "bill": "bill charged twice amount euros invoice wrong expensive refund".split(),
    "outage": "internet down router blinking connection slow offline since cable".split(),
    "move": "moving address new apartment relocate flat city street transfer".split(),
}
NAMES = list(REASONS)
HELLO = "hello good morning thank you for calling my name is anna how may i help hi this is mister keller could i have your customer number please yes it is".split()
DIGITS = "zero one two three four five six seven eight nine".split()
CHECK = "and your date of birth for verification that matches thank you one moment please let me open your file all right what can i do for you".split()
TALK = "so well i wanted to ask because you know it is about my uh last week my wife also said that we should call and then nobody answered".split()


def transcript():
    k = random.randrange(len(NAMES))
    head = HELLO[:random.randint(20, len(HELLO))] + random.choices(DIGITS, k=random.randint(6, 9)) + CHECK[:random.randint(18, len(CHECK))]
    body = [random.choice(REASONS[NAMES[k]]) if random.random() < 0.25 else random.choice(REASONS[random.choice(NAMES)]) if random.random() < 0.05 else random.choice(TALK)
            for _ in range(random.randint(14, 32))]
    return head + body, k


class Calls(Dataset):
    def __init__(self, n, vocab=None):
        rows = [transcript() for _ in range(n)]
        self.vocab = vocab or {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({w for t, _ in rows for w in t}))}
        self.x = [torch.tensor([self.vocab.get(w, 1) for w in t[:MAX_LEN]]) for t, _ in rows]
        self.y = [k for _, k in rows]

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return {"ids": self.x[i], "reason": self.y[i]}


def collate(items):
    return {"ids": nn.utils.rnn.pad_sequence([d["ids"] for d in items], batch_first=True), "reason": torch.tensor([d["reason"] for d in items])}


class KimCNN(nn.Module):
    def __init__(self, vocab, dim=24, maps=16, widths=(1, 2, 3)):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(dim, maps, w) for w in widths)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(maps * len(widths), len(NAMES))

    def forward(self, ids):
        e = self.emb(ids).transpose(1, 2)
        h = torch.cat([torch.relu(c(e)).amax(2) for c in self.convs], 1)
        return self.fc(self.drop(h))


train = Calls(2000)
valid = Calls(500, train.vocab)
model = KimCNN(len(train.vocab))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
best = 0.0
for epoch in range(7):
    model.train()
    s = 0.0
    for b in DataLoader(train, 40, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(b["ids"]), b["reason"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() * len(b["reason"])
    model.eval()
    with torch.no_grad():
        acc = sum((model(b["ids"]).argmax(1) == b["reason"]).sum().item() for b in DataLoader(valid, 250, collate_fn=collate)) / len(valid)
    if acc > best:
        best = acc
        torch.save(model.state_dict(), "best.pt")
    print(f"epoch {epoch}: loss {s / len(train):.3f} valid {acc:.3f} (best {best:.3f})")
