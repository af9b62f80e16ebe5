"""gs-modules."""

import gdb

from . import kernel, session

STATES = {0: "live", 1: "coming", 2: "going", 3: "unformed"}


def extent(module):
    """Address and size of the part that stays."""
    if module.has("core_layout"):
        return module.number("core_layout.base"), module.number("core_layout.size")
    # Since Linux 6.4 in an array, text first.
    memory = kernel.field(module.type, "mem")
    first = kernel.Object("module_memory", module.address + memory[0])
    return first.number("base"), first.number("size")


class Modules(session.Command):
    """List the modules of the guest's kernel.
Usage: gs-modules

Name, address and size of the part that stays, state, address of the struct module. Needs the kernel's symbols; the
modules' own come by themselves from a guestscope that knows their files ('info sharedlibrary' lists them)."""

    name = "gs-modules"
    completion = gdb.COMPLETE_NONE

    def run(self, words):
        if words:
            self.usage("")
        session.require_target()
        kernel.need_symbols(self.name, "modules")
        print("%-24s %-18s %9s %-9s %s" % ("MODULE", "ADDRESS", "SIZE", "STATE", "STRUCT"))
        for address in kernel.list_entries(kernel.address_of("modules"), "module", "list"):
            module = kernel.Object("module", address)
            base, size = extent(module)
            state = STATES.get(module.number("state"), "?")
            print("%-24s 0x%-16x %9d %-9s 0x%x" % (module.text("name"), base, size, state, address))


Modules()
