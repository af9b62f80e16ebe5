#!/usr/bin/env python3
"""Runs programs under qemu-system-s390x until their disabled wait and prints PSW and r2; --count reads r2 as elapsed time."""
import json
import re
import subprocess
import sys
import tempfile
import os
import socket
import time


def run(image, count):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "qmp")
        command = ["qemu-system-s390x", "-M", "s390-ccw-virtio", "-m", "128", "-cpu", "max", "-display", "none", "-nodefaults", "-chardev", "null,id=c", "-device", "sclplmconsole,chardev=c",
                   "-qmp", f"unix:{path},server=on,wait=off", "-no-shutdown", "-action", "panic=pause", "-kernel", image]
        if count:
            command += ["-icount", "shift=0"]
        qemu = subprocess.Popen(command)
        try:
            qmp = socket.socket(socket.AF_UNIX)
            while True:
                try:
                    qmp.connect(path)
                    break
                except OSError:
                    time.sleep(0.05)
            stream = qmp.makefile("rw")

            def ask(request):
                stream.write(json.dumps(request) + "\n")
                stream.flush()
                while True:
                    answer = json.loads(stream.readline())
                    if "return" in answer or "error" in answer:
                        return answer["return"]

            stream.readline()
            ask({"execute": "qmp_capabilities"})
            started = time.monotonic()
            while ask({"execute": "query-status"})["running"]:
                time.sleep(0.05)
            elapsed = time.monotonic() - started
            registers = ask({"execute": "human-monitor-command", "arguments": {"command-line": "info registers"}})
            ask({"execute": "quit"})
            qemu.wait()
        finally:
            qemu.kill()
    mask, address = re.search(r"PSW=mask ([0-9a-f]+) addr ([0-9a-f]+)", registers).groups()
    r2 = int(re.search(r"R02=([0-9a-f]+)", registers).group(1), 16)
    name = os.path.basename(image)
    if count:
        print(f"{name}: {round(r2 / 4.096):,} instructions")
        return True
    print(f"{name}: psw {mask} {address}, r2 {r2:#x}, {elapsed:.2f} s")
    return (int(mask, 16) & 0x0002000180000000) == 0x0002000180000000 and int(address, 16) == 0


arguments = sys.argv[1:]
counting = "--count" in arguments
results = [run(image, counting) for image in arguments if image != "--count"]
sys.exit(0 if all(results) else 1)
