"""Did the support chat end well? Binary classifier over chat transcripts (batch-first GRU with packing)."""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader, Dataset


@dataclass
class Args:
    # fault:
    max_len: int = 32
    # mended:
    # max_len: int = 128
    # end
    dim: int = 24
    hidden: int = 32
    epochs: int = 3
    batch_size: int = 20
    lr: float = 4e-3
    seed: int = 2


OPEN = ["hello how can i help you", "welcome to the chat what can i do for you", "good morning you are talking to kim"]
TOPIC = ["my parcel has not come", "the app shows an old balance", "i want to change my address", "my card was refused",
         "the heating makes noise", "i cannot open the file", "the invoice has a wrong name"]
TURN = ["could you tell me the number", "it is on the label", "one moment please", "i am looking it up", "yes that is the one",
        "when did you order it", "about two weeks ago", "let me ask a colleague", "sure take your time", "is the address still the same",
        "i moved in spring", "i see it here", "there was a delay", "did you get a mail", "not that i know", "it worked before"]
GOOD = ["great that solved it", "wonderful it works now", "perfect thanks a lot", "that was quick i am happy", "super all fine now"]
BAD = ["no it still fails", "this is useless i give up", "i will cancel then", "that does not help at all", "i am really annoyed now"]
CLOSE = ["bye", "have a nice day", "goodbye and take care", "the chat is closed"]


def transcript(rng, happy):
    middle = rng.sample(TURN, rng.randint(1, 8))
    parts = [rng.choice(OPEN), rng.choice(TOPIC), *middle, rng.choice(GOOD if happy else BAD), rng.choice(CLOSE)]
    return " | ".join(parts).split()


class Chats(Dataset):
    def __init__(self, rows, vocab, max_len):
        self.rows, self.vocab, self.max_len = rows, vocab, max_len

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        words, label = self.rows[i]
        return torch.tensor([self.vocab.get(w, 1) for w in words[:self.max_len]]), label


def collate(items):
    xs, ys = zip(*items)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys, dtype=torch.float)


class Outcome(nn.Module):
    def __init__(self, n_words, args):
        super().__init__()
        self.embed = nn.Embedding(n_words, args.dim, padding_idx=0)
        self.gru = nn.GRU(args.dim, args.hidden, batch_first=True)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(args.hidden, 1))

    def forward(self, x, n):
        _, h = self.gru(pack_padded_sequence(self.embed(x), n, batch_first=True, enforce_sorted=False))
        return self.head(h[-1]).squeeze(-1)


def evaluate(model, loader):
    model.eval()
    right = count = 0
    with torch.no_grad():
        for x, n, y in loader:
            right += ((model(x, n) > 0).float() == y).sum().item()
            count += len(y)
    return right / count


def main(args):
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    rows, keys = [], set()
    while len(rows) < 1200:
        label = len(rows) % 2
        words = transcript(rng, label)
        if " ".join(words) not in keys:
            keys.add(" ".join(words))
            rows.append((words, label))
    rng.shuffle(rows)
    train_rows, test_rows = rows[:900], rows[900:]
    vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in train_rows for w in t}))}
    train = DataLoader(Chats(train_rows, vocab, args.max_len), args.batch_size, shuffle=True, collate_fn=collate)
    test = DataLoader(Chats(test_rows, vocab, args.max_len), 100, collate_fn=collate)
    model = Outcome(len(vocab) + 2, args)
    optim = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(1, args.epochs + 1):
        model.train()
        losses = []
        for x, n, y in train:
            loss = nn.functional.binary_cross_entropy_with_logits(model(x, n), y)
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
            losses.append(loss.item())
        print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} test acc {evaluate(model, test):.3f}")
    print(f"train acc {evaluate(model, train):.3f}  test acc {evaluate(model, test):.3f}")


if __name__ == "__main__":
    main(Args())
