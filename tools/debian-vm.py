#!/usr/bin/env python3
"""Assay on a real Debian 12 with systemd, in a virtual machine that needs no hardware support, and whose power can be cut.

    tools/debian-vm.py look                    the doctor and a run: as an ordinary user, in a group of its own, as root
    tools/debian-vm.py tests FILTER [--user]   tests of the debug build (`swift build --build-tests`), as root or as an ordinary user
    tools/debian-vm.py power-cuts N [--seed S] a run whose machine loses its power N times: what was told before has to be there after

Exits 1 when a test fails or something is lost. Needs root; `make portable`; and the packages
debootstrap qemu-system-x86 busybox-static cpio e2fsprogs.
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
WORK = REPOSITORY / ".build" / "debian-vm"
PACKAGES = (
    "systemd systemd-sysv dbus dbus-user-session libpam-systemd login passwd udev procps util-linux kmod iproute2 xz-utils "
    "ca-certificates openssl python3 python3-venv bubblewrap libmbedtls14 libprotobuf-c1 libsqlite3-0 libseccomp2 libstdc++6 zlib1g "
    "gcc libc6-dev"
).split()
MODULES = ["virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "virtio_blk"]
INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
for m in %s; do /bin/busybox insmod /$m.ko; done
/bin/busybox sleep 1
/bin/busybox mount -t ext4 /dev/vda /root
exec /bin/busybox switch_root /root /sbin/init
"""
LOGIN = """[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin %s --keep-baud 115200,57600,38400,9600 - $TERM
"""
LOOK = """
export PATH=/opt/assay:$PATH XDG_RUNTIME_DIR=/run/user/$(id -u)
own="systemd-run --quiet $([ $(id -u) = 0 ] || echo --user) --scope -p Delegate=yes"
for how in "" "$own"; do
  echo "== $(id -un), ${how:-as it is}: $(tail -n 1 /proc/self/cgroup)"
  $how assay doctor 2>/dev/null | grep -E -A 1 "sandbox|control groups|users"
  n=$((n + 1))
  $how assay run tiny-regression --trials 3 --max-time 5m --state s$n 2>&1 | cat
  find /sys/fs/cgroup -name "assay-*"
done
"""
TESTS = """
export XDG_RUNTIME_DIR=/run/user/$(id -u)
own="systemd-run --quiet $([ $(id -u) = 0 ] || echo --user) --scope -p Delegate=yes"
cd %s
$own .build/debug/assayPackageTests.xctest --testing-library swift-testing --no-parallel --filter '%s' 2>&1
"""
POWER = """
export PATH=/opt/assay:$PATH
assay run tiny-regression --state s --trials 1000 --max-time 10h --json 2>errors | sed -u 's/^/TOLD /' &
for i in $(seq 60); do sleep 1; assay trials --state s --json >there 2>/dev/null && break; done
sed 's/^/THERE /' there
rm -rf proofs; assay export --proofs proofs --state s >/dev/null 2>&1; assay verify proofs >verified 2>&1
echo "VERIFIED $?"; cat errors
sleep 10000
"""


def shell(command, **options):
    return subprocess.run(command, shell=True, check=True, **options)


def system():
    """The installed system, made once."""
    root, kernel = WORK / "root", WORK / "kernel"
    if (WORK / "made").exists():
        return
    missing = [p for p in ("debootstrap", "qemu-system-x86_64", "busybox", "cpio", "mke2fs") if not shutil.which(p)]
    if missing:
        sys.exit(
            f"{', '.join(missing)} not found; apt-get install debootstrap qemu-system-x86 busybox-static cpio e2fsprogs")
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    print("installing Debian 12", flush=True)
    shell(f"debootstrap --variant=minbase --include={','.join(PACKAGES)} bookworm {root} >{WORK}/debootstrap.log 2>&1")
    shell(f"chroot {root} useradd -m -s /bin/bash lab")
    package = shell("apt-cache depends linux-image-cloud-amd64", capture_output=True, text=True).stdout
    package = re.search(r"Depends: (linux-image-\S+)", package)[1]
    shell(f"apt-get download -qq {package} && dpkg -x {package}_*.deb kernel && rm {package}_*.deb", cwd=WORK)
    start = WORK / "start"
    for folder in ("bin", "proc", "dev", "root"):
        (start / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), start / "bin")
    for name in MODULES:
        shutil.copy(next(kernel.rglob(f"{name}.ko")), start)
    (start / "init").write_text(INIT % " ".join(MODULES))
    (start / "init").chmod(0o755)
    shell("find . | cpio -o -H newc 2>/dev/null | gzip -1 >../start.gz", cwd=start)
    (root / "etc/hostname").write_text("assay-vm\n")
    (root / "etc/fstab").write_text("/dev/vda / ext4 defaults 0 1\n")
    (WORK / "made").touch()


def disk(user, script, tests=False):
    """A disk whose user logs in by itself and runs the script."""
    system()
    root, place = WORK / "disk", WORK / "disk.img"
    shutil.rmtree(root, ignore_errors=True)
    shell(f"cp -a {WORK}/root {root}")
    getty = root / "etc/systemd/system/serial-getty@ttyS0.service.d"
    getty.mkdir(parents=True)
    (getty / "login.conf").write_text(LOGIN % user)
    home = root / ("root" if user == "root" else f"home/{user}")
    (root / "opt/script.sh").write_text(script)
    (home / ".bash_profile").write_text("cd; bash /opt/script.sh; echo ENDED\n")
    if tests:
        build = REPOSITORY / ".build/debug"
        there = root / str(build).lstrip("/")
        shell(f"mkdir -p {there} && git -C {REPOSITORY} archive HEAD | tar -x -C {there.parent.parent}")
        # What `.build/debug` leads to is not there.
        for file in build.glob("assay*"):
            if file.suffix == ".resources":
                shutil.copytree(file, there / file.name)
            elif file.is_file() and os.access(file, os.X_OK):
                shell(f"strip -g -o {there / file.name} {file}")
        linked = shell(f"ldd {build}/assayPackageTests.xctest", capture_output=True, text=True).stdout
        for library in re.findall(r"=> (/\S+/swift/linux/\S+)", linked):
            copy = root / library.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, copy)
    else:
        archive = REPOSITORY / ".build/assay-portable.tar.xz"
        if not archive.exists():
            sys.exit(f"{archive} is missing; make portable")
        shell(f"tar -xf {archive} -C {root}/opt")
    place.unlink(missing_ok=True)
    shell(f"mke2fs -q -t ext4 -d {root} {place} 6G >/dev/null")
    shutil.rmtree(root)


class Machine:
    """One boot from the disk."""

    def __init__(self):
        kernel = next((WORK / "kernel/boot").glob("vmlinuz-*"))
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "4G", "-nographic",
             "-no-reboot", "-nic", "none", "-kernel", kernel, "-initrd", WORK / "start.gz", "-append",
             "console=ttyS0 quiet systemd.show_status=0", "-drive", f"file={WORK}/disk.img,if=virtio,format=raw"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)

    def lines(self):
        """What the console shows; None when it shows nothing for a while, so that a reader can look at the clock."""
        rest = b""
        while self.process.poll() is None:
            data = self.process.stdout.read()
            if data is None:
                time.sleep(0.02)
                yield None
                continue
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                yield line.decode(errors="replace").rstrip("\r")

    def cut(self):
        """Its memory is gone; what it had written to the disk is there."""
        self.process.kill()
        self.process.wait()


def show(user, script, limit, tests=False):
    """Runs the script, shows what it prints, and returns that."""
    disk(user, script, tests)
    machine, end, shown = Machine(), time.monotonic() + limit, []
    for line in machine.lines():
        if line == "ENDED" or time.monotonic() > end:
            break
        if line is not None:
            print(line, flush=True)
            shown.append(line)
    machine.cut()
    return shown


def power_cuts(count, seed):
    chance = random.Random(seed)
    disk("root", POWER)
    told, checked, lost = {}, 0, []
    for cycle in range(count + 1):
        machine, before, there = Machine(), dict(told), {}
        start, cut, verified = time.monotonic(), None, None
        for line in machine.lines():
            now = time.monotonic()
            if now > (cut or start + 300):
                break
            found = re.fullmatch(r"(TOLD|THERE) (\{.*\})", line or "")
            if found:
                trial = json.loads(found[2])
                if trial.get("score") is not None and "trial" in trial:
                    (told if found[1] == "TOLD" else there)[trial["trial"]] = trial["score"]
            elif line and line.startswith("VERIFIED"):
                verified = line == "VERIFIED 0"
                # The last time it is left alone, but for what it takes to see that it goes on.
                cut = now + (chance.uniform(2, 25) if cycle < count else 40)
        machine.cut()
        checked += len(before)
        lost += [(cycle, trial) for trial, score in before.items() if there.get(trial) != score]
        if not verified:
            lost.append((cycle, "the record does not verify" if verified is False else "it did not come up"))
        told.update(there)
        print(f"boot {cycle}: {len(there)} verdicts there, of {len(before)} told before; power cut after "
              f"{time.monotonic() - start:.0f} s, {len(told) - len(before)} more decided", flush=True)
    print(f"{count} power cuts, {len(told)} verdicts, {checked} looked for again, lost or changed: {lost or 'none'}")
    return not lost and len(told) > 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("look")
    tests = commands.add_parser("tests")
    tests.add_argument("filter")
    tests.add_argument("--user", action="store_true", help="as an ordinary user")
    cuts = commands.add_parser("power-cuts")
    cuts.add_argument("count", type=int)
    cuts.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("run it as root: it installs a system into a folder")
    if options.command == "look":
        for user in ("lab", "root"):
            show(user, LOOK, 600)
    elif options.command == "tests":
        user = "lab" if options.user else "root"
        shown = show(user, TESTS % (REPOSITORY, options.filter), 1800, tests=True)
        sys.exit(0 if any(re.search(r"Test run with [1-9]\d* tests? .*passed", line) for line in shown) else 1)
    else:
        sys.exit(0 if power_cuts(options.count, options.seed) else 1)


main()
