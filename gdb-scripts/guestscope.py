"""Commands for Linux guests under guestscope; gdb 13 or newer with Python.

    (gdb) source gdb-scripts/guestscope.py

`help gs-ps` and so on say what each command shows and needs. Most need the symbols of the guest's kernel; none needs the
kernel's own scripts, whose lx-current and lx-ps do not know s390x. What is about s390x alone says so on ppc64.
"""

import importlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# Sourcing the file again takes changes in. Those that others build on come first.
for _name in ("session", "kernel", "tasks", "modules", "dmesg", "machine", "past", "conditions", "hypervisor", "unwinder"):
    _name = "guestscope_gdb." + _name
    if _name in sys.modules:
        importlib.reload(sys.modules[_name])
    else:
        importlib.import_module(_name)

print("guestscope: gs-ps gs-current gs-dmesg gs-modules gs-lowcore gs-psw gs-walk gs-writers gs-watch-if gs-branches gs-seek gs-reverse\ngs-picture, and gs-sie, gs-skeys, gs-dirty and more for each thing that the hypervisor keeps; 'help gs-ps' and so on say more")
