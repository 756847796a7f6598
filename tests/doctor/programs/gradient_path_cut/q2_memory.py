"""A one-hop memory network on little stories: facts "PERSON VERB PLACE", question "where is PERSON"."""
import random

import torch
import torch.nn as nn

PEOPLE = "mary john daniel sandra bill fred julie emily greg lily brian antoine".split()
PLACES = "kitchen garden office bathroom hallway bedroom park cinema school".split()
VERBS = "went moved travelled journeyed".split()
TOKENS = ["<nil>", "where", "is"] + PEOPLE + PLACES + VERBS
ID = {w: i for i, w in enumerate(TOKENS)}


class Stories:
    def __init__(self, n, n_facts, seed):
        r = random.Random(seed)
        facts, questions, answers = [], [], []
        for _ in range(n):
            people = r.sample(PEOPLE, n_facts)
            story = [[ID[p], ID[r.choice(VERBS)], ID[r.choice(PLACES)]] for p in people]
            asked = r.randrange(n_facts)
            facts.append(story)
            questions.append([ID["where"], ID["is"], ID[people[asked]]])
            answers.append(PLACES.index(TOKENS[story[asked][2]]))
        self.facts, self.questions = torch.tensor(facts), torch.tensor(questions)
        self.answers = torch.tensor(answers)

    def __len__(self):
        return len(self.answers)

    def batches(self, size):
        for idx in torch.randperm(len(self)).split(size):
            yield self.facts[idx], self.questions[idx], self.answers[idx]


class MemoryNetwork(nn.Module):
    def __init__(self, n_tokens, n_answers, d=32):
        super().__init__()
        self.A = nn.Embedding(n_tokens, d, padding_idx=0)   # addressing
        self.B = nn.Embedding(n_tokens, d, padding_idx=0)   # question
        self.C = nn.Embedding(n_tokens, d, padding_idx=0)   # content
        for e in (self.A, self.B, self.C):
            nn.init.normal_(e.weight[1:].data, std=0.1)
        self.W = nn.Linear(d, n_answers)

    def forward(self, facts, question):
        keys = self.A(facts).sum(2)
        u = self.B(question).sum(1)
        scores = torch.einsum("bmd,bd->bm", keys, u)
        content = self.C(facts).sum(2)
        # fault:
        hop = scores.argmax(1)
        o = content[torch.arange(len(hop)), hop]
        # mended:
        #hop = scores.softmax(1)
        #o = torch.einsum("bm,bmd->bd", hop, content)
        # end
        return self.W(o + u)


def main():
    torch.manual_seed(8)
    train, test = Stories(2500, 6, seed=1), Stories(600, 6, seed=2)
    net = MemoryNetwork(len(TOKENS), len(PLACES))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for epoch in range(1, 6):
        net.train()
        losses = []
        for f, q, a in train.batches(64):
            loss = nn.functional.cross_entropy(net(f, q), a)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            right = (net(test.facts, test.questions).argmax(1) == test.answers).float().mean().item()
        print(f"epoch {epoch:2d} | loss {sum(losses) / len(losses):.4f} | test accuracy {right:.4f}")
    print(f"chance {1 / len(PLACES):.3f}")


if __name__ == "__main__":
    main()
