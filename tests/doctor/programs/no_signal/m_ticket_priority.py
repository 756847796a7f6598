# Predict the queue of a service desk ticket from its text.
# The export has one row per ticket: id|opened|text|desk|queue
import io, csv, random
import torch
import torch.nn as nn

random.seed(2024)
torch.manual_seed(2024)

nouns = {'network': ['vpn', 'router', 'wifi', 'dns', 'switch', 'latency', 'firewall'],
         'hardware': ['laptop', 'printer', 'monitor', 'keyboard', 'battery', 'dock', 'toner'],
         'access': ['password', 'account', 'login', 'token', 'permission', 'badge', 'expired']}
filler = 'since yesterday my the is not working please help again in office team urgent user cannot it when for on new'.split()


def make_export(n):
    f = io.StringIO()
    w = csv.writer(f, delimiter='|')
    w.writerow(['id', 'opened', 'text', 'desk', 'queue'])
    for i in range(n):
        queue = random.choice(list(nouns))
        words = random.choices(filler, k=random.randint(5, 10)) + random.choices(nouns[queue], k=random.randint(1, 3))
        if random.random() < 0.15:
            words.append(random.choice(nouns[random.choice(list(nouns))]))
        random.shuffle(words)
        # desk: who picked the phone up, by a rota
        w.writerow([100000 + i, f'2024-0{random.randint(1, 9)}-{random.randint(10, 28)}', ' '.join(words),
                    random.choice(['anna', 'bob', 'carla']), queue])
    f.seek(0)
    return f


rows = list(csv.reader(make_export(2400), delimiter='|'))[1:]
texts = [r[2].split() for r in rows]
# fault:
targets = [r[3] for r in rows]
# mended:
# targets = [r[4] for r in rows]
# end
names = sorted(set(targets))
labels = torch.tensor([names.index(t) for t in targets])

vocab = {}
for t in texts[:1900]:
    for tok in t:
        vocab.setdefault(tok, len(vocab) + 1)
width = max(map(len, texts))
X = torch.tensor([[vocab.get(tok, 0) for tok in t] + [0] * (width - len(t)) for t in texts])
x_train, y_train, x_test, y_test = X[:1900], labels[:1900], X[1900:], labels[1900:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 24, 3, padding=1)
        self.fc = nn.Linear(24, len(names))

    def forward(self, x):
        h = torch.relu(self.conv(self.embed(x).transpose(1, 2)))
        h = h.masked_fill((x == 0)[:, None], 0.)
        return self.fc(h.max(2).values)


net = Net()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(5):
    net.train()
    running = 0.
    for ix in torch.randperm(1900).split(38):
        optimizer.zero_grad()
        loss = loss_fn(net(x_train[ix]), y_train[ix])
        loss.backward()
        optimizer.step()
        running += loss.item()
    net.eval()
    with torch.no_grad():
        pred, fit = net(x_test).argmax(1), net(x_train).argmax(1)
    print('epoch %d: loss %.3f, train acc %.3f, test acc %.3f' % (epoch, running / 50, (fit == y_train).float().mean(), (pred == y_test).float().mean()))
conf = torch.zeros(len(names), len(names), dtype=torch.long)
conf.index_put_((y_test, pred), torch.ones_like(pred), accumulate=True)
print(names)
print(conf)
