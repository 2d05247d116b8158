"""Writes what PyTorch computes with each layer, for tests/nn/pytorch_test.ts.

    python tests/nn/pytorch/make_states.py

needs torch, torchvision, numpy and safetensors, and writes beside itself. NAME.safetensors holds `state.*`, the layer's
state dict; `input.*`; computed in float64, for evaluation and training, `eval.output.*` and `train.output.*`, channels last, and `….gradient.*`
of the sum of output `y` times cos(0), cos(1), …; and `after.*`, the buffers that training moved. Numbers of the trunks in
full width would be too many: both sides make inputs by `hashed()` and states, of which `shape.*` has the shapes, by
`filled()`.

    python tests/nn/pytorch/make_states.py --check FOLDER

loads each FOLDER/NAME.safetensors, a state dict that write_states.ts wrote, strictly into the layer called NAME.
"""
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from safetensors.torch import load_file, save_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

FOLDER = Path(__file__).parent


def wave(*shape, phase=0.0):
    """Irregular numbers in [-1, 1]."""
    n = torch.arange(int(np.prod(shape)), dtype=torch.float64)
    return torch.sin(1.7 * (n + 1) + phase + (n % 7) * (n % 3)).float().reshape(shape)


def last(x):
    """Channels from the second axis to the last."""
    return x.movedim(1, -1).contiguous()


def first(x):
    return x.movedim(-1, 1)


class Images:
    """A layer that takes and gives channels as the second axis."""

    def __init__(self, module):
        self.module = module

    def __call__(self, x):
        return {"y": last(self.module(first(x)))}


class Rows:
    def __init__(self, module):
        self.module = module

    def __call__(self, x):
        return {"y": self.module(x)}


class Lookup(Rows):
    def __call__(self, indices):
        return {"y": self.module(indices.long())}


class Attention(Rows):
    def __call__(self, x, source=None, padding=None, mask=None):
        source = x if source is None else source
        y, _ = self.module(x, source, source, padding, attn_mask=mask, need_weights=False)
        return {"y": y}


class EncoderLayer(Rows):
    def __call__(self, x, padding=None, mask=None):
        return {"y": self.module(x, src_mask=mask, src_key_padding_mask=padding)}


class Sequences(Rows):
    """An LSTM or GRU; with lengths, of packed sequences."""

    def __call__(self, x, lengths=None, hidden=None, cell=None):
        initial = hidden if cell is None else (hidden, cell)
        if lengths is None:
            y, state = self.module(x, initial)
        else:
            packed = pack_padded_sequence(x, lengths.long(), batch_first=True, enforce_sorted=False)
            y, state = self.module(packed, initial)
            y, _ = pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
        return {"y": y, "hidden": state} if cell is None and torch.is_tensor(state) else {"y": y, "hidden": state[0], "cell": state[1]}


class ResNet18(nn.Module):
    """torchvision's ResNet-18 up to its map, of any width."""

    def __init__(self, width=64, channels=3):
        super().__init__()
        net = torchvision.models.ResNet(torchvision.models.resnet.BasicBlock, [2, 2, 2, 2])
        if width != 64 or channels != 3:
            net.inplanes = width
            net.conv1, net.bn1 = nn.Conv2d(channels, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
            for stage in range(4):
                block = torchvision.models.resnet.BasicBlock
                setattr(net, f"layer{stage + 1}", net._make_layer(block, width * 2**stage, 2, stride=1 + (stage > 0)))
        for name, child in net.named_children():
            if name not in ("avgpool", "fc"):
                self.add_module(name, child)

    def forward(self, x):
        for child in self.children():
            x = child(x)
        return x


class AlexNet(nn.Module):
    """torchvision's AlexNet up to its map."""

    def __init__(self):
        super().__init__()
        self.features = torchvision.models.alexnet(weights=None).features

    def forward(self, x):
        return self.features(x)


def encoder_layer():
    return nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, norm_first=True, batch_first=True)


images, sequences = wave(2, 5, 6, 3), wave(3, 5, 4)
lengths = torch.tensor([5, 1, 3], dtype=torch.int32)
padding = torch.arange(5) >= lengths[:, None]
tokens, source = wave(3, 4, 8), wave(3, 5, 8, phase=1)
hidden, cell = wave(4, 3, 3, phase=2), wave(4, 3, 3, phase=3)

# name: (module, how it is called, inputs)
LAYERS = {
    "linear": (lambda: nn.Linear(4, 3), Rows, {"x": wave(2, 3, 4)}),
    "embedding": (lambda: nn.Embedding(6, 3, padding_idx=2), Lookup,
                  {"indices": torch.tensor([[0, 2, 5], [5, 1, 2]], dtype=torch.int32)}),
    "conv1d": (lambda: nn.Conv1d(4, 3, 3, stride=2, padding=1), Images, {"x": wave(2, 7, 4)}),
    "conv2d": (lambda: nn.Conv2d(3, 4, (2, 3), stride=(1, 2), padding=(0, 1)), Images, {"x": images}),
    "conv2d-no-bias": (lambda: nn.Conv2d(3, 4, 3, bias=False), Images, {"x": images}),
    "conv-transpose2d": (lambda: nn.ConvTranspose2d(3, 4, 3, stride=2, padding=1, output_padding=1), Images,
                         {"x": wave(2, 3, 4, 3)}),
    "batch-norm": (lambda: nn.BatchNorm2d(3), Images, {"x": images}),
    "layer-norm": (lambda: nn.LayerNorm(4), Rows, {"x": sequences}),
    "group-norm": (lambda: nn.GroupNorm(2, 6), Images, {"x": wave(2, 3, 2, 6)}),
    "lstm": (lambda: nn.LSTM(4, 3, batch_first=True), Sequences, {"x": sequences}),
    "lstm-deep": (lambda: nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True), Sequences,
                  {"x": sequences, "lengths": lengths, "hidden": hidden, "cell": cell}),
    "gru": (lambda: nn.GRU(4, 3, batch_first=True), Sequences, {"x": sequences}),
    "gru-deep": (lambda: nn.GRU(4, 3, num_layers=2, bidirectional=True, batch_first=True), Sequences,
                 {"x": sequences, "lengths": lengths, "hidden": hidden}),
    "attention": (lambda: nn.MultiheadAttention(8, 2, batch_first=True), Attention, {"x": source, "padding": padding}),
    "attention-across": (lambda: nn.MultiheadAttention(8, 2, batch_first=True), Attention,
                         {"x": tokens, "source": source, "padding": padding, "mask": torch.arange(5) > torch.arange(4)[:, None]}),
    "attention-additive": (lambda: nn.MultiheadAttention(8, 4, batch_first=True), Attention,
                           {"x": tokens, "mask": wave(4, 4, phase=5).masked_fill(torch.arange(4) > torch.arange(4)[:, None], -torch.inf)}),
    "encoder-layer": (encoder_layer, EncoderLayer, {"x": source, "padding": padding, "mask": torch.arange(5) > torch.arange(5)[:, None]}),
    "res-net-narrow": (lambda: ResNet18(2, channels=1), Images, {"x": wave(2, 33, 40, 1)}),
}

# Trunks in full width, with the shape of their input.
TRUNKS = {
    "alex-net": (AlexNet, Images, (1, 67, 67, 3)),
    "res-net-18": (ResNet18, Images, (2, 33, 40, 3)),
}

# Functions without parameters.
POOLS = {
    "max": lambda x: F.max_pool2d(x, 3, 2),
    "max-padded": lambda x: F.max_pool2d(x, 3, 2, 1),
    "max-ceil": lambda x: F.max_pool2d(x, 2, 2, 1, ceil_mode=True),
    "max-oblong": lambda x: F.max_pool2d(x, (2, 3), (3, 1), (1, 0), ceil_mode=True),
    "avg": lambda x: F.avg_pool2d(x, 2),
    "avg-padded": lambda x: F.avg_pool2d(x, 3, 2, 1),
    "avg-not-counted": lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "avg-ceil": lambda x: F.avg_pool2d(x, 2, 2, 1, ceil_mode=True),
    "avg-ceil-not-counted": lambda x: F.avg_pool2d(x, (3, 2), (2, 3), (1, 1), True, False),
    "adaptive-1": lambda x: F.adaptive_avg_pool2d(x, 1),
    "adaptive-3-4": lambda x: F.adaptive_avg_pool2d(x, (3, 4)),
    "adaptive-7": lambda x: F.adaptive_avg_pool2d(x, 7),
    "gelu": F.gelu,
    "silu": F.silu,
}


def hashed(n):
    """n numbers in [-1, 1): a multiplicative hash of the index, the same to the last bit in any language."""
    bits = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)
    return (bits.astype(np.float64) / 2**31 - 1).astype(np.float32)


def filled(state):
    """Weights by a formula: matrices and kernels with variance 2 / fan-in, scales and variances in [0.75, 1.25)."""
    def fill(name, tensor):
        if not tensor.is_floating_point():
            return torch.zeros_like(tensor)
        values = torch.from_numpy(hashed(tensor.numel()).reshape(tuple(tensor.shape)))
        if tensor.dim() > 1:
            return values * np.float32((6 / (tensor.numel() / tensor.shape[0])) ** 0.5)
        shift = 1.0 if name.endswith(("weight", "running_var")) else 0.0
        return values * 0.25 + shift

    return {name: fill(name, tensor) for name, tensor in state.items()}


def irregular(module):
    """Moves what starts at 0 or 1 away from it."""
    with torch.no_grad():
        for i, (name, p) in enumerate([*module.named_parameters(), *module.named_buffers()]):
            if p.dim() == 1 and p.is_floating_point():
                p.add_(0.2 * wave(*p.shape, phase=i))


def prefixed(prefix, tensors):
    """Copies under a prefix, floats rounded to 32 bits."""
    def kept(t):
        return t.detach().clone().to(torch.float32 if t.dtype == torch.float64 else t.dtype).contiguous()

    return {f"{prefix}.{name}": kept(t) for name, t in tensors.items()}


def run(call, inputs):
    outputs = call(**inputs)
    y = outputs["y"]
    (y.flatten() * torch.cos(torch.arange(y.numel(), dtype=torch.float64))).sum().backward()
    return outputs


def with_gradients(inputs):
    return {name: t.clone().requires_grad_(name in ("x", "source", "hidden", "cell")) for name, t in inputs.items()}


def gradients(inputs, module=None):
    parameters = dict(module.named_parameters()) if module else {}
    return prefixed("gradient", {f"input.{n}": t.grad for n, t in inputs.items() if t.grad is not None}) | prefixed(
        "gradient", {n: p.grad for n, p in parameters.items()})


def exact(tensors):
    """Copies whose floats have 64 bits."""
    return {name: t.detach().double() if t.is_floating_point() else t for name, t in tensors.items()}


def layer_file(build, wrap, inputs):
    module = build()
    irregular(module)
    tensors = prefixed("state", module.state_dict()) | prefixed("input", inputs)
    module, inputs = module.double(), exact(inputs)
    for mode in ("eval", "train"):
        module.zero_grad()
        module.train(mode == "train")
        given = with_gradients(inputs)
        outputs = run(wrap(module), given)
        tensors |= prefixed(f"{mode}.output", outputs)
        if mode == "train" or len(module.state_dict()) < 50:  # one set of a trunk's gradients is enough
            tensors |= prefixed(mode, gradients(given, module))
    return tensors | prefixed("after", dict(module.named_buffers()))


def trunk_file(build, wrap, shape):
    module = build()
    tensors = {f"shape.{name}": torch.tensor(t.shape, dtype=torch.int32) for name, t in module.state_dict().items()}
    module.load_state_dict(filled(module.state_dict()))
    module, x = module.double(), torch.from_numpy(hashed(int(np.prod(shape))).reshape(shape)).double()
    for mode in ("eval", "train"):
        module.train(mode == "train")
        with torch.no_grad():
            tensors |= prefixed(f"{mode}.output", wrap(module)(x))
    return tensors


def pools_file():
    x = wave(2, 7, 8, 2).double()
    tensors = prefixed("input", {"x": x})
    for name, pool in POOLS.items():
        given = with_gradients({"x": x})
        tensors |= prefixed("output", {name: run(Images(pool), given)["y"]}) | prefixed("gradient", {name: given["x"].grad})
    return tensors


def write():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)
    for name, layer in LAYERS.items():
        save_file(layer_file(*layer), FOLDER / f"{name}.safetensors")
    for name, trunk in TRUNKS.items():
        save_file(trunk_file(*trunk), FOLDER / f"{name}.safetensors")
    save_file(pools_file(), FOLDER / "functions.safetensors")
    print(sum(f.stat().st_size for f in FOLDER.glob("*.safetensors")), "bytes")


def check(folder):
    builders = {name: layer[0] for name, layer in (LAYERS | TRUNKS).items()}
    files = sorted(Path(folder).glob("*.safetensors"))
    for file in files:
        builders[file.stem]().load_state_dict(load_file(file), strict=True)
        print(file.stem, "loads")
    if not files:
        raise SystemExit(f"Expected state dicts in {folder}, got none")


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1:2] == ["--check"] else write()
