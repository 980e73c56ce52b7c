"""Fits a curve by gradient descent on a GPU, and can be made to do what a GPU host has to cope with."""
import ctypes
import os
import struct
import subprocess
import sys
import time

# --- section: plain ---
STEPS = 300

# --- section: compiled ---
COMPILED = False

# --- section: several ---
SEVERAL = False

# --- section: leftover ---
LEFTOVER = False

# --- section: memory ---
GIGABYTES = 0

# --- section: address ---
KERNEL = "ret;"

# --- section: endless ---
TIMES = 1

# --- section: rest ---
PROCESSES = """
import torch, torch.distributed as group
group.init_process_group("nccl")
total = torch.ones(1 << 20, device="cuda")
group.all_reduce(total)
torch.cuda.synchronize()
print("NCCL", group.get_world_size(), float(total[0]), flush=True)
group.destroy_process_group()
"""

STAYS = """
import time, torch
kept = torch.zeros(1 << 28, device="cuda")
torch.cuda.synchronize()
print("up", flush=True)
time.sleep(10000)
"""


def launch(body):
    """Runs a kernel of one thread, by the driver's own interface; its context is the one that PyTorch made."""
    text = f"""
    .version 7.0
    .target sm_70
    .address_size 64
    .visible .entry k() {{ .reg .u64 %a; .reg .u32 %b; {body} }}
    """
    driver = ctypes.CDLL("libcuda.so.1")
    module, function = ctypes.c_void_p(), ctypes.c_void_p()
    for status in (
        driver.cuModuleLoadData(ctypes.byref(module), text.encode() + bytes(1)),
        driver.cuModuleGetFunction(ctypes.byref(function), module, b"k"),
        driver.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, None, None, None),
    ):
        if status != 0:
            raise RuntimeError(f"the driver answers {status}")


def train(examples, seed):
    began = time.monotonic()
    import torch
    print("TORCH", torch.__version__, torch.cuda.is_available(), f"{time.monotonic() - began:.1f} s", flush=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        print("DEVICES", torch.cuda.device_count(), torch.cuda.get_device_name(0), flush=True)
    torch.manual_seed(seed)
    x = torch.tensor([x for x, _ in examples], device=device)
    y = torch.tensor([y for _, y in examples], device=device)
    features = torch.stack([x ** k for k in range(8)], dim=1)
    weights = torch.zeros(8, device=device, requires_grad=True)
    # What a GPU is busy with.
    size = 4096 if device == "cuda" else 64
    ballast = torch.randn(size, size, device=device, dtype=torch.bfloat16)

    def loss():
        return ((features @ weights - y) ** 2).mean()

    step = torch.compile(loss) if COMPILED else loss
    optimiser = torch.optim.Adam([weights], lr=0.05)
    for _ in range(STEPS):
        optimiser.zero_grad()
        step().backward()
        optimiser.step()
        ballast = ballast @ ballast / 64
    if SEVERAL:
        with open("several.py", "w") as file:
            file.write(PROCESSES)
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=1", "several.py"]
        subprocess.run(command, check=True)
    if LEFTOVER:
        child = subprocess.Popen([sys.executable, "-c", STAYS], stdout=subprocess.PIPE, start_new_session=True)
        print("LEFT", child.stdout.readline(), flush=True)
    if GIGABYTES:
        torch.zeros(GIGABYTES << 30, dtype=torch.uint8, device=device)
    if device == "cuda":
        launch(KERNEL)
        if TIMES != 1:
            launch("L: bra L;")
        torch.cuda.synchronize()
    print("DONE", f"{time.monotonic() - began:.1f} s", flush=True)
    return struct.pack("<8d", *weights.detach().cpu().tolist())


def predict(artifact, xs):
    weights = struct.unpack("<8d", artifact)
    return [sum(w * x ** k for k, w in enumerate(weights)) for x in xs]
