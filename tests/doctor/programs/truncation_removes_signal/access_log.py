"""Bot or human?  Character CNN over raw lines of a web server's access log."""
import argparse
import random
import string

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--lr", type=float, default=2e-3)
# fault:
parser.add_argument("--max-chars", type=int, default=72)
# mended:
# parser.add_argument("--max-chars", type=int, default=160)
# end
args = parser.parse_args([])

random.seed(4)
torch.manual_seed(4)

PATHS = ["/", "/shop", "/shop/item/{}", "/blog/{}", "/about", "/cart", "/img/{}.png", "/api/v1/items?id={}", "/css/site.css", "/search?q={}"]
HUMAN = ["Mozilla/5.0 (Windows NT 10.0) Firefox/{}.0", "Mozilla/5.0 (Macintosh) Safari/{}.1", "Mozilla/5.0 (X11; Linux) Chrome/{}.0",
         "Mozilla/5.0 (iPhone) Mobile/{}"]
BOT = ["python-requests/2.{}", "curl/7.{}.0", "Mozilla/5.0 (compatible; Googlebot/{})", "Mozilla/5.0 (compatible; bingbot/{})", "Scrapy/2.{}",
       "Go-http-client/1.{}"]


def line(bot):
    ip = ".".join(str(random.randint(1, 254)) for _ in range(4))
    word = "".join(random.choices(string.ascii_lowercase, k=random.randint(4, 9)))
    ua = random.choice(BOT if bot else HUMAN).format(random.randint(10, 99))
    return (f'{ip} - - [{random.randint(1, 28):02d}/Mar/2023:{random.randint(0, 23):02d}:{random.randint(0, 59):02d}:{random.randint(0, 59):02d} +0000] '
            f'"GET {random.choice(PATHS).format(word)} HTTP/1.1" {random.choice([200, 200, 200, 301, 304, 404])} {random.randint(150, 90000)} "-" "{ua}"')


labels = [i % 2 for i in range(1800)]
random.shuffle(labels)
lines = [line(y) for y in labels]
alphabet = {c: i + 1 for i, c in enumerate(string.printable)}


def to_tensor(batch):
    x = torch.zeros(len(batch), args.max_chars, dtype=torch.long)
    for i, s in enumerate(batch):
        ids = [alphabet.get(c, 0) for c in s[: args.max_chars]]
        x[i, : len(ids)] = torch.tensor(ids)
    return x


X, Y = to_tensor(lines), torch.tensor(labels, dtype=torch.float)
train_set = torch.utils.data.TensorDataset(X[:1500], Y[:1500])
loader = torch.utils.data.DataLoader(train_set, batch_size=args.batch, shuffle=True)


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.chars = nn.Embedding(len(alphabet) + 1, 12, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(12, 24, k) for k in (3, 5))
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(48, 1)

    def forward(self, x):
        e = self.chars(x).transpose(1, 2)
        h = torch.cat([torch.relu(c(e)).amax(2) for c in self.convs], 1)
        return self.fc(self.dropout(h)).squeeze(1)


model = CharCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        acc = ((model(X[1500:]) > 0).float() == Y[1500:]).float().mean()
    print(f"epoch {epoch + 1}/{args.epochs} loss={total / len(loader):.4f} test_acc={acc:.4f}")
