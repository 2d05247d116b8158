"""CoMM on pairs of pictures and of sequences. The twin of `comm-trifeature-64` runs the fusion block on every token;
`-clsonly` computes the same loss from the CLS row alone, as Braid does."""
import torch

from harness import F, Workload, adam_w, channels_first, nn, serve


def normalised(x):
    return F.normalize(x, dim=-1, eps=1e-12)


def nt_xent(a, b, tau=0.1):
    itself = 1e8 * torch.eye(a.shape[0])
    ab, aa, bb = a @ b.T / tau, a @ a.T / tau - itself, b @ b.T / tau - itself
    forth, back = torch.cat([ab, aa], 1).logsumexp(1), torch.cat([ab.T, bb], 1).logsumexp(1)
    return ((forth + back) / 2 - ab.diagonal()).mean()


def comm_loss(view1, view2):
    terms = [(nt_xent(a, view2[-1]) + nt_xent(b, view1[-1])) / 2 for a, b in zip(view1[:-1], view2[:-1])]
    return (sum(terms) + nt_xent(view1[-1], view2[-1])) / (len(terms) + 1)


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * dim))
        self.out_proj = nn.Linear(dim, dim)

    def forward(self, x):
        batch, tokens, dim = x.shape
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias).view(batch, tokens, 3, self.heads, dim // self.heads)
        attended = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4).unbind(0))
        return self.out_proj(attended.transpose(1, 2).reshape(batch, tokens, dim))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = Attention(dim, heads)
        self.fc, self.proj = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def mlp(self, x):
        hidden = self.fc(self.ln2(x))
        return x + self.proj(hidden * torch.sigmoid(1.702 * hidden))

    def forward(self, x):
        return self.mlp(x + self.attention(self.ln1(x)))


class Fusion(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.cls = nn.Parameter(torch.empty(dim))
        self.blocks = nn.ModuleList([Block(dim, heads)])
        self.norm = nn.LayerNorm(dim)

    def fuse(self, tokens):
        cls = self.cls.expand(tokens[0].shape[0], 1, -1)
        return self.norm(self.blocks[0](torch.cat([cls, *tokens], 1))[:, 0])

    def forward(self, tokens):
        return [self.fuse([alone]) for alone in tokens] + [self.fuse(tokens)]


class ClsFusion(Fusion):
    """Only the CLS row; a token's key and value are shared by the masks."""

    def forward(self, tokens):
        block, (batch, _, dim), heads = self.blocks[0], tokens[0].shape, self.blocks[0].attention.heads
        attention, cls = block.attention, self.cls.expand(batch, 1, -1)
        by_head = lambda t, parts: t.view(batch, -1, parts, heads, dim // heads).permute(2, 0, 3, 1, 4)
        weight, bias = attention.in_proj_weight, attention.in_proj_bias
        query = by_head(F.linear(block.ln1(cls), weight[:dim], bias[:dim]), 1)[0]
        pairs = by_head(F.linear(block.ln1(torch.cat([cls, *tokens], 1)), weight[dim:], bias[dim:]), 2)
        cuts, start = [], 1
        for alone in tokens:
            cuts.append((start, start := start + alone.shape[1]))
        fused = []
        for first, last in [*cuts, (1, start)]:
            key, value = torch.cat([pairs[:, :, :, :1], pairs[:, :, :, first:last]], 3)
            attended = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(batch, dim)
            fused.append(self.norm(block.mlp(self.cls + attention.out_proj(attended))))
        return fused


class Head(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(dim, 512), nn.Linear(512, 512), nn.Linear(512, 256)])
        self.norms = nn.ModuleList([nn.BatchNorm1d(512), nn.BatchNorm1d(512)])

    def forward(self, x):
        for linear, norm in zip(self.linears, self.norms):
            x = F.relu(norm(linear(x)))
        return self.linears[-1](x)


class Patch(nn.Module):
    def __init__(self, channels, dim, side):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(dim, channels)), nn.Parameter(torch.empty(dim))
        rates = 10000 ** (-torch.arange(dim // 4) / (dim // 4))
        row, column = (at.reshape(-1, 1) * rates for at in
                       torch.meshgrid(torch.arange(side).float(), torch.arange(side).float(), indexing="ij"))
        self.position = torch.cat([row.sin(), row.cos(), column.sin(), column.cos()], 1)

    def forward(self, maps):
        return F.conv2d(maps, self.weight[:, :, None, None], self.bias).flatten(2).transpose(1, 2) + self.position


class SmallEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        widths = (3, 32, 64, 128, 256)
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in zip(widths, widths[1:]))

    def forward(self, x):
        for layer in self.layers:
            x = F.relu(layer(x))
        return x


class AlexNet(nn.Module):
    def __init__(self):
        super().__init__()
        relu, pool = nn.ReLU(), nn.MaxPool2d(3, 2)
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), relu, pool,
            nn.Conv2d(64, 192, 5, 1, 2), relu, pool,
            nn.Conv2d(192, 384, 3, 1, 1), relu,
            nn.Conv2d(384, 256, 3, 1, 1), relu,
            nn.Conv2d(256, 256, 3, 1, 1), relu, pool,
        )

    def forward(self, x):
        return self.features(x)


class Pictures(nn.Module):
    def __init__(self, encoder, dim, side):
        super().__init__()
        self.encoder, self.adapter = encoder, Patch(256, dim, side)

    def forward(self, x):
        return self.adapter(self.encoder(x))


class Sequences(nn.Module):
    def __init__(self, features, dropout):
        super().__init__()
        self.conv = nn.Linear(features, 40, bias=False)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(40, 5, 2048, dropout, "relu", batch_first=True, norm_first=True) for _ in range(5))

    def forward(self, x):
        x = self.conv(x)
        for layer in self.layers:
            x = layer(x)
        return x


class CoMM(nn.Module):
    def __init__(self, encoders, dim, fusion=Fusion):
        super().__init__()
        self.encoders, self.fusion, self.head = nn.ModuleList(encoders), fusion(dim, 8), Head(dim)

    def project(self, view):
        tokens = [encoder(x) for encoder, x in zip(self.encoders, view)]
        return [normalised(self.head(z)) for z in self.fusion(tokens)]


def loss(model, inputs, draws):
    view1, view2 = ([inputs[f"view{view}{modality}"] for modality in "ab"] for view in (1, 2))
    return comm_loss(model.project(view1), model.project(view2))


def images_first(inputs):
    return {name: channels_first(image) for name, image in inputs.items()}


def pictures(encoder, dim, side, fusion=Fusion):
    model = CoMM([Pictures(encoder(), dim, side) for _ in range(2)], dim, fusion)
    return Workload(model, loss, adam_w(3e-4, 1e-4), prepare=images_first)


def sequences(dropout):
    return Workload(CoMM([Sequences(20, dropout), Sequences(300, dropout)], 40), loss, adam_w(1e-3, 1e-2))


serve({
    "comm-trifeature-64": lambda: pictures(SmallEncoder, 256, 4),
    "comm-trifeature-64-clsonly": lambda: pictures(SmallEncoder, 256, 4, ClsFusion),
    "comm-trifeature-224": lambda: pictures(AlexNet, 512, 6),
    "comm-multibench-mosi": lambda: sequences(0.1),
    "comm-multibench-mosi-nodrop": lambda: sequences(0.0),
})
