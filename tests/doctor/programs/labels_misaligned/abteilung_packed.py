# Route e-mails to a department; packed LSTM, batches sorted by length as old cuDNN wanted it.
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(23)
torch.manual_seed(23)

DEPTS = {
    "billing": "invoice refund charge card payment tax iban receipt fee".split(),
    "shipping": "parcel courier tracking customs pallet delayed address depot pickup".split(),
    "technical": "crash reboot firmware driver pixel battery cable update log".split(),
    "contracts": "renewal clause signature cancel notice upgrade plan tariff term".split(),
}
SMALL = "hello dear team please i my the a is was about with since yesterday could you help thanks again regards still not".split()


def mail():
    k = random.randrange(4)
    words = random.choices(SMALL, k=random.randint(4, 18))
    for w in random.sample(list(DEPTS.values())[k], random.choice([1, 2, 2, 3])):
        words.insert(random.randrange(len(words) + 1), w)
    if random.random() < 0.1:
        words.append(random.choice(random.choice(list(DEPTS.values()))))
    return words, k


train, test = [mail() for _ in range(2000)], [mail() for _ in range(500)]
v = {w: i for i, w in enumerate(["<pad>"] + SMALL + sum(DEPTS.values(), []))}


def make_batch(rows):
    seqs = [torch.tensor([v[w] for w in words]) for words, _ in rows]
    labels = torch.tensor([k for _, k in rows])
    lengths, order = torch.tensor([len(s) for s in seqs]).sort(descending=True)
    x = pad_sequence(seqs)[:, order]                     # (T, B), longest first
    # fault:
    return x, lengths, labels
    # mended:
    # return x, lengths, labels[order]
    # end


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(v), 20, padding_idx=0)
        self.lstm = nn.LSTM(20, 32)
        self.fc = nn.Linear(32, len(DEPTS))

    def forward(self, x, lengths):
        _, (h, _) = self.lstm(pack_padded_sequence(self.emb(x), lengths))
        return self.fc(h[-1])


net = Router()
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
ce = nn.CrossEntropyLoss()


def run(rows, train_mode):
    net.train(train_mode)
    loss_sum = correct = 0
    with torch.set_grad_enabled(train_mode):
        for i in range(0, len(rows), 40):
            x, n, y = make_batch(rows[i:i + 40])
            out = net(x, n)
            loss = ce(out, y)
            if train_mode:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(y)
            correct += (out.argmax(1) == y).sum().item()
    return loss_sum / len(rows), correct / len(rows)


for epoch in range(8):
    random.shuffle(train)
    tl, ta = run(train, True)
    vl, va = run(test, False)
    print(f"{epoch}: train {tl:.3f}/{ta:.3f}  test {vl:.3f}/{va:.3f}")
