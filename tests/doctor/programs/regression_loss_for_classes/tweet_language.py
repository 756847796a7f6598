# which language is this tweet in?  char n-gram hashing + small net
import os, random, zlib
import torch
from torch import nn

torch.manual_seed(3); random.seed(3)
BASE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
NB = 3000


def grams(text):
    text = " " + text.lower().replace("@user", "").replace("http", "").strip() + " "
    return [zlib.crc32(text[i:i + n].encode("utf8")) % NB for n in (2, 3) for i in range(len(text) - n + 1)]


def load(split, cap):
    data = []
    for k, lang in enumerate(LANGS):
        with open(os.path.join(BASE, lang, split + "_text.txt"), encoding="utf8") as f:
            for line in list(f)[:cap]:
                g = grams(line)
                if len(g) > 10:
                    data.append((g, k))
    random.shuffle(data)
    return data


train, valid = load("train", 500), load("val", 200)
print(len(train), "train tweets", len(valid), "valid tweets")


def tensors(chunk):
    lens = [len(g) for g, _ in chunk]
    offsets = torch.tensor([0] + lens[:-1]).cumsum(0)
    return torch.tensor([x for g, _ in chunk for x in g]), offsets, torch.tensor([k for _, k in chunk])


class LangNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(NB, 16, mode="mean")
        # fault:
        self.mlp = nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 1))
        # mended:
        # self.mlp = nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, len(LANGS)))
        # end

    def forward(self, flat, off):
        return self.mlp(self.bag(flat, off))


net = LangNet()
# fault:
lossfn = nn.MSELoss()
# mended:
# lossfn = nn.CrossEntropyLoss()
# end
opt = torch.optim.Adam(net.parameters(), lr=4e-3)


def evaluate(rows):
    net.eval()
    flat, off, y = tensors(rows)
    with torch.no_grad():
        out = net(flat, off)
        # fault:
        pred = out.squeeze(1).round().clamp(0, len(LANGS) - 1).long()
        # mended:
        # pred = out.argmax(1)
        # end
    per = [(pred[y == k] == k).float().mean().item() for k in range(len(LANGS))]
    return (pred == y).float().mean().item(), per


for epoch in range(4):
    net.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 32):
        flat, off, y = tensors(train[i:i + 32])
        opt.zero_grad()
        # fault:
        loss = lossfn(net(flat, off).squeeze(1), y.float())
        # mended:
        # loss = lossfn(net(flat, off), y)
        # end
        loss.backward()
        opt.step()
        losses.append(loss.item())
    acc, _ = evaluate(valid)
    print(f"epoch {epoch + 1}: mean loss {sum(losses) / len(losses):.3f}, train acc {evaluate(train)[0]:.3f}, valid acc {acc:.3f}")
acc, per = evaluate(valid)
for l, p in zip(LANGS, per):
    print(f"  {l:11s} {p:.2f}")
