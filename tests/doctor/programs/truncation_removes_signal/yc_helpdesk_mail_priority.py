# Priority of helpdesk mails (low / normal / urgent). Mails open with greeting, signature data and the quoted contract,
# as our web form writes them; the request of the customer comes below.
import random
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

random.seed(77)
torch.manual_seed(77)

HELLO = ["dear support team", "hello everybody", "good morning", "to whom it may concern", "hi there"]
FIRMS = "acme globex initech umbrella stark wayne hooli".split()
PRODUCT = "printer laptop scanner server phone monitor licence".split()
TERMS = "contract number annual service plan covers parts and labour during office hours see terms of the agreement".split()
ASK = {
    0: ["whenever you have time", "no hurry at all", "just a small wish", "for the next release", "an idea for later"],
    1: ["please reply this week", "could someone look into it", "we would like an answer", "kindly send instructions", "how do we set this up"],
    2: ["everything is down", "we cannot work at all", "immediate help required", "production has stopped", "data is being lost now"],
}


def mail():
    y = random.randrange(3)
    head = random.choice(HELLO).split() + ["from", random.choice(FIRMS), "about", "our", random.choice(PRODUCT)]
    quoted = random.sample(TERMS, random.randint(9, len(TERMS) - 2))
    phrase = random.choice(ASK[y]).split()
    if random.random() < 0.3:
        phrase = phrase + random.choice(ASK[y]).split()
    tail = random.choice([["regards"], ["many", "thanks"], ["best", "wishes"]])
    return head + quoted + ["request"] + phrase + tail, y


mails = list({" ".join(t): (t, y) for t, y in (mail() for _ in range(2600))}.values())
cut = int(0.8 * len(mails))
train_rows, val_rows = mails[:cut], mails[cut:]
vocab = {"<pad>": 0, "<unk>": 1}
for t, _ in train_rows:
    for w in t:
        vocab.setdefault(w, len(vocab))

# fault:
MAX_LEN = 16
# mended:
# MAX_LEN = 48
# end


class Mails(Dataset):
    def __init__(self, rows):
        self.items = [([vocab.get(w, 1) for w in t][:MAX_LEN], y) for t, y in rows]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    lens = torch.tensor([len(s) for s, _ in batch])
    ids = nn.utils.rnn.pad_sequence([torch.tensor(s) for s, _ in batch], batch_first=True)
    return ids, lens, torch.tensor([y for _, y in batch])


class Net(nn.Module):
    def __init__(self, n, d=20, h=24):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.gru = nn.GRU(d, h, batch_first=True)
        self.fc = nn.Linear(h, 3)

    def forward(self, ids, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(ids), lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.fc(h[-1])


net = Net(len(vocab))
train_dl = DataLoader(Mails(train_rows), batch_size=64, shuffle=True, collate_fn=collate)
val_dl = DataLoader(Mails(val_rows), batch_size=256, collate_fn=collate)
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 3, 0.3)
ce = nn.CrossEntropyLoss()

for epoch in range(5):
    net.train()
    seen = right = total = 0
    for ids, lens, y in train_dl:
        z = net(ids, lens)
        loss = ce(z, y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(y); seen += len(y); right += (z.argmax(1) == y).sum().item()
    sched.step()
    net.eval()
    with torch.no_grad():
        hits = [(net(ids, lens).argmax(1) == y) for ids, lens, y in val_dl]
    print(f"epoch {epoch}: loss {total / seen:.4f}  train acc {right / seen:.3f}  val acc {torch.cat(hits).float().mean():.3f}")
