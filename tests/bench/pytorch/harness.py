"""The PyTorch side of the benchmarks: answers one JSON command a line on standard input.

    python mlp.py NAME FILE

FILE (safetensors) holds the weights as `model.*`, the batch as `inputs.*` and one set of random draws as `draws.*`.
Commands: {"command": "loss"}, {"command": "time", "seconds": s}, {"command": "end"}.
"""
import json, os, resource, sys, time

os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def adam(lr, weight_decay=0.0):
    return lambda model: torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)


def adam_w(lr, weight_decay):
    """Decays tensors of two or more dimensions only."""
    def build(model):
        parameters = list(model.parameters())
        return torch.optim.AdamW([
            {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": weight_decay},
            {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
        ], lr=lr)
    return build


def sgd(lr, momentum, weight_decay):
    return lambda model: torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay)


def perceptron(*widths, activation=F.relu):
    """Linear layers named `layers.N`, the activation between them."""
    return Perceptron(widths, activation)


class Perceptron(nn.Module):
    def __init__(self, widths, activation):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.activation = activation

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x if i == 0 else self.activation(x))
        return x


class Workload:
    """model; loss(model, inputs, draws) -> scalar; optimizer(model); draws() -> dict; prepare(inputs) -> inputs."""

    def __init__(self, model, loss, optimizer, draws=lambda: {}, prepare=lambda inputs: inputs):
        self.model, self.loss, self.optimizer, self.draws, self.prepare = model, loss, optimizer, draws, prepare


def part(tensors, prefix):
    return {name[len(prefix) + 1:]: value for name, value in tensors.items() if name.startswith(prefix + ".")}


def channels_first(image):
    """[batch, height, width, channels] -> [batch, channels, height, width]."""
    return image.permute(0, 3, 1, 2).contiguous()


def load(model, state):
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise SystemExit(f"Expected the weights of {type(model).__name__}, got {missing} missing, {unexpected} unknown")


def serve(builders):
    """builders: name -> function that builds a Workload."""
    name, path = sys.argv[1:]
    torch.manual_seed(0)
    workload, tensors = builders[name](), load_file(path)
    model = workload.model
    load(model, part(tensors, "model"))
    model.train()
    inputs, fixed_draws = workload.prepare(part(tensors, "inputs")), part(tensors, "draws")
    del tensors
    optimizer = workload.optimizer(model)

    def step():
        draws = workload.draws()
        optimizer.zero_grad(set_to_none=True)
        workload.loss(model, inputs, draws).backward()
        optimizer.step()

    for line in sys.stdin:
        request = json.loads(line)
        if request["command"] == "loss":
            with torch.no_grad():
                model.train(request["training"])
                answer = {"loss": float(workload.loss(model, inputs, fixed_draws))}
                model.train()
                load(model, part(load_file(path), "model"))  # running statistics have moved
        elif request["command"] == "time":
            times, end = [], time.perf_counter() + request["seconds"]
            while not times or time.perf_counter() < end:
                start = time.perf_counter()
                step()
                times.append((time.perf_counter() - start) * 1e3)
            answer = {"milliseconds": times, "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                      "version": torch.__version__}
        else:
            break
        print(json.dumps(answer), flush=True)
