#!/usr/bin/env python3
"""compare.py RUNS IMAGE...: processor time of each image here (dist/ must be built) and in QEMU, by turns; the median ratio of the two."""
import os
import statistics
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
OURS = ["node", os.path.join(ROOT, "dist/cli/main.js"), "run", "--gdb", "none", "--memory", "256M", "--clock", "virtual", "--history", "off"]
QEMU = ["qemu-system-ppc64", "-M", "pseries,x-vof=on,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off", "-cpu", "power7", "-m", "256",
        "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel"]


def run(command):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    result = None
    for line in process.stdout:
        if line.startswith(b"bench: "):
            result = line.split()[-1]
            break
    process.kill()
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, result


for image in sys.argv[2:]:
    pairs = []
    for _ in range(int(sys.argv[1])):
        (ours, here), (qemu, there) = run([*OURS, image]), run([*QEMU, image])
        if here is None or here != there:
            print(f"{image}: {here} here, {there} in QEMU")
        pairs.append((ours, qemu))
    ours, qemu = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    print(f"{os.path.basename(image)[:-4]:14} {ours:6.2f} {qemu:6.2f} {statistics.median(q / o for o, q in pairs):6.2f}", flush=True)
