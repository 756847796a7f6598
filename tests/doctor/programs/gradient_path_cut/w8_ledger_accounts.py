# Month-end helper: put bank statement lines on the right ledger account.
import numpy as np
import torch

ACCOUNTS = ["rent", "travel", "software", "payroll", "fees", "catering", "insurance", "utilities"]
N_WORDS = 320
gen = np.random.RandomState(77)
torch.manual_seed(77)

# every account has its own vendors/wordings, the rest of the line is noise from everywhere
owned = np.array_split(gen.permutation(N_WORDS)[:240], len(ACCOUNTS))
noise = np.arange(N_WORDS)


def statement_line():
    acc = gen.randint(len(ACCOUNTS))
    own = gen.choice(owned[acc], gen.randint(3, 6))
    rest = gen.choice(noise, gen.randint(1, 4))
    toks = np.concatenate([own, rest])
    gen.shuffle(toks)
    return toks, acc


lines = [statement_line() for _ in range(3000)]
books, audit = lines[:2400], lines[2400:]


class Ledger(torch.nn.Module):

    def __init__(self, width=8):
        super().__init__()
        self.words = torch.nn.Embedding(N_WORDS, width)
        self.scorer = torch.nn.Linear(width, len(ACCOUNTS))

    def line_vectors(self, token_lists):
        # lines differ in length, so average them one after the other
        # fault:
        table = self.words.weight.detach().numpy()
        return torch.from_numpy(np.stack([table[t].mean(axis=0) for t in token_lists]))
        # mended:
        # table = self.words.weight
        # return torch.stack([table[torch.from_numpy(t)].mean(dim=0) for t in token_lists])
        # end

    def forward(self, token_lists):
        return self.scorer(self.line_vectors(token_lists))


ledger = Ledger()
optimizer = torch.optim.AdamW(ledger.parameters(), lr=0.02, weight_decay=0.0)


def share_right(rows):
    with torch.no_grad():
        guess = ledger([t for t, _ in rows]).argmax(1).numpy()
    return float(np.mean(guess == np.array([a for _, a in rows])))


print("lines", len(books), "audit", len(audit), "before", share_right(audit))
epoch = 0
while epoch < 6:
    epoch += 1
    gen.shuffle(books)
    run = []
    for lo in range(0, len(books), 60):
        chunk = books[lo:lo + 60]
        out = ledger([t for t, _ in chunk])
        y = torch.tensor([int(a) for _, a in chunk])
        loss = torch.nn.functional.cross_entropy(out, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.append(loss.item())
    print("pass", epoch, "| loss", round(sum(run) / len(run), 4), "| books", round(share_right(books), 3),
          "| audit", round(share_right(audit), 3))

by_acc = {}
for t, a in audit:
    by_acc.setdefault(ACCOUNTS[a], []).append((t, a))
print({k: round(share_right(v), 2) for k, v in sorted(by_acc.items())})
