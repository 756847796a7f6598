"""Was the call resolved?  Transcripts of a help line, word CNN with max over time."""
import random
from types import SimpleNamespace

import torch
import torch.nn as nn
import torch.nn.functional as F

# fault:
args = SimpleNamespace(max_len=32, emb=32, filters=32, batch=40, epochs=5, lr=3e-3, seed=2)
# mended:
# args = SimpleNamespace(max_len=110, emb=32, filters=32, batch=40, epochs=5, lr=3e-3, seed=2)
# end
random.seed(args.seed)
torch.manual_seed(args.seed)

SMALL = ("hello thank you for calling how can i help today my router modem phone line account bill number is not "
         "working since monday yesterday morning could you tell me the serial please wait one moment while we check "
         "did you restart unplug switch see a red green light yes no okay right i understand let us try again now "
         "it blinks nothing happens that helped a bit this does not work").split()
OK = ["great it works now", "that fixed it wonderful", "perfect problem solved", "yes it is back online thanks"]
KO = ["i will complain about this", "still broken i give up", "send a technician then", "cancel my contract"]


def call():
    y = random.randint(0, 1)
    talk = random.choices(SMALL, k=random.randint(45, 80))
    end = random.choice(OK if y else KO).split()
    bye = random.choices(["goodbye", "have", "a", "nice", "day", "bye"], k=random.randint(2, 6))
    return talk + end + bye, y


calls = [call() for _ in range(1500)]
vocab = {"<pad>": 0, "<unk>": 1}
for toks, _ in calls[:1200]:
    for t in toks:
        vocab.setdefault(t, len(vocab))


class Calls(torch.utils.data.Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        toks, y = self.rows[i]
        ids = [vocab.get(t, 1) for t in toks[: args.max_len]]
        ids += [0] * (args.max_len - len(ids))
        return {"input": torch.tensor(ids), "target": torch.tensor(y)}


class KimCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), args.emb, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(args.emb, args.filters, k) for k in (2, 3))
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(2 * args.filters, 2)

    def forward(self, x):
        e = self.embed(x).transpose(1, 2)
        feats = [F.relu(c(e)).amax(dim=2) for c in self.convs]
        return self.fc(self.drop(torch.cat(feats, 1)))


def run(model, loader, optimizer=None):
    model.train(optimizer is not None)
    loss_sum = correct = n = 0
    with torch.set_grad_enabled(optimizer is not None):
        for b in loader:
            logits = model(b["input"])
            loss = F.cross_entropy(logits, b["target"])
            if optimizer:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(logits)
            correct += (logits.argmax(1) == b["target"]).sum().item()
            n += len(logits)
    return loss_sum / n, correct / n


def main():
    train = torch.utils.data.DataLoader(Calls(calls[:1200]), batch_size=args.batch, shuffle=True)
    test = torch.utils.data.DataLoader(Calls(calls[1200:]), batch_size=100)
    model = KimCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for e in range(args.epochs):
        a, b = run(model, train, optimizer), run(model, test)
        print(f"epoch {e}  train {a[0]:.3f}/{a[1]:.3f}  test {b[0]:.3f}/{b[1]:.3f}")


if __name__ == "__main__":
    main()
