"""Which kind of player is it? Classifies play sessions of a mobile game by the list of things done in them."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(3)
torch.manual_seed(3)

STYLES = {
    "builder": ["place_wall", "place_roof", "upgrade_mill", "buy_stone", "buy_timber", "paint_house", "plan_street", "open_quarry"],
    "fighter": ["attack_fort", "train_archer", "train_rider", "raid_camp", "repair_sword", "call_ally", "siege_tower", "loot_cart"],
    "trader": ["sell_wool", "sell_grain", "buy_silk", "open_market", "haggle", "load_ship", "hire_clerk", "check_price"],
    "social": ["send_gift", "chat_guild", "add_friend", "vote_event", "visit_town", "post_emote", "join_party", "like_town"],
}
COMMON = ["login", "collect_gold", "open_map", "zoom", "settings", "watch_ad", "daily_quest", "rotate", "close_popup", "logout"]
NAMES = list(STYLES)
ACTIONS = ["<none>"] + COMMON + [a for acts in STYLES.values() for a in acts]
INDEX = {a: i for i, a in enumerate(ACTIONS)}
MAX_LEN = 200


def play(style):
    # most sessions are short, a few are very long
    n = min(MAX_LEN, max(4, int(random.expovariate(1 / 10))))
    others = [s for s in NAMES if s != style]
    out = []
    for _ in range(n):
        r = random.random()
        if r < 0.40:
            out.append(random.choice(STYLES[style]))
        elif r < 0.55:
            out.append(random.choice(STYLES[random.choice(others)]))
        else:
            out.append(random.choice(COMMON))
    return tuple(out)


class Sessions(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        actions, style = self.rows[i]
        ids = torch.zeros(MAX_LEN, dtype=torch.long)
        ids[:len(actions)] = torch.tensor([INDEX[a] for a in actions])
        return {"ids": ids, "n": len(actions), "style": NAMES.index(style)}


class StyleNet(nn.Module):
    def __init__(self, n_actions, width=12, hidden=24, n_styles=4):
        super().__init__()
        self.actions = nn.Embedding(n_actions, width, padding_idx=0)
        self.body = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, n_styles))
        # fault:
        nn.init.normal_(self.actions.weight, std=1.0)
        # mended:
        #nn.init.normal_(self.actions.weight, std=1.0)
        #with torch.no_grad():
        #    self.actions.weight[0].zero_()
        # end
        for layer in self.body:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)

    def forward(self, ids, n):
        summed = self.actions(ids).sum(dim=1)
        return self.body(summed / n.unsqueeze(1))


seen, rows = set(), []
while len(rows) < 2600:
    style = random.choice(NAMES)
    session = play(style)
    key = tuple(sorted(session))
    if key not in seen:
        seen.add(key)
        rows.append((session, style))
train = DataLoader(Sessions(rows[:2000]), batch_size=32, shuffle=True)
held = DataLoader(Sessions(rows[2000:]), batch_size=200)

net = StyleNet(len(ACTIONS))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()


def score(loader):
    net.eval()
    right = total = loss = 0
    with torch.no_grad():
        for b in loader:
            out = net(b["ids"], b["n"])
            loss += criterion(out, b["style"]).item() * len(b["n"])
            right += (out.argmax(1) == b["style"]).sum().item()
            total += len(b["n"])
    return loss / total, right / total


for epoch in range(1, 9):
    net.train()
    for b in train:
        opt.zero_grad()
        criterion(net(b["ids"], b["n"]), b["style"]).backward()
        opt.step()
    print("epoch %d  train loss %.3f acc %.3f   held out loss %.3f acc %.3f" % (epoch, *score(train), *score(held)))
