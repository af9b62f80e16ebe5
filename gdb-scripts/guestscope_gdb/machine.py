"""gs-lowcore, gs-psw and gs-walk: the machine's own structures, with the names that gdb's symbols give to addresses."""

import gdb

from . import kernel, session

# Linux's fields of the prefix area, where the kernel has them.
LINUX_FIELDS = (
    "kernel_stack",
    "async_stack",
    "nodat_stack",
    "restart_stack",
    "mcck_stack",
    "current_task",
    "kernel_asce",
    "user_asce",
    "percpu_offset",
    "cpu_nr",
    "preempt_count",
    "softirq_pending",
    "machine_flags",
)


def value_of(expression):
    """An expression's value as an address."""
    value = gdb.parse_and_eval(expression)
    # A variable stands for its place; a pointer, a register and a number for what they say.
    if value.address is not None and value.type.strip_typedefs().code != gdb.TYPE_CODE_PTR:
        value = value.address
    return int(value.cast(gdb.lookup_type("unsigned long"))) & 0xFFFFFFFFFFFFFFFF


class Lowcore(session.Command):
    """Show the prefix area of the selected CPU.
Usage: gs-lowcore

Old and new PSWs with the symbols that they lead to, interruption codes, and Linux's own fields as far as the kernel's
symbols know them. 'monitor lowcore' shows every field of the architecture."""

    name = "gs-lowcore"
    completion = gdb.COMPLETE_NONE

    def run(self, words):
        if words:
            self.usage("")
        session.only_s390x(self.name)
        area = session.monitor_json("lowcore")
        print("%-22s 0x%x" % ("prefix", session.number(area["prefix"])))
        for name, value in area.items():
            if isinstance(value, dict) and "address" in value:
                address = session.number(value["address"])
                mask = session.number(value["mask"])
                print("%-22s 0x%016x 0x%016x%s" % (name, mask, address, session.symbol_at(address)))
            elif name in ("externalCode", "svcCode", "programCode", "subchannelId", "translationExceptionId"):
                print("%-22s 0x%x" % (name, session.number(value)))
        self.linux(session.number(area["prefix"]))

    def linux(self, prefix):
        try:
            lowcore = gdb.lookup_type("struct lowcore")
        except gdb.error:
            print("(Linux's fields: gs-lowcore %s)" % kernel.ADVICE)
            return
        for name in LINUX_FIELDS:
            found = kernel.field(lowcore, name)
            if found is None:
                continue
            answer = session.monitor_json("read 0x%x %d absolute" % (prefix + found[0], found[1].sizeof))
            print("%-22s 0x%x" % (name, int(answer["bytes"], 16)))


class Psw(session.Command):
    """Say a program-status word in words.
Usage: gs-psw [ADDRESS | MASK ADDRESS]

The selected CPU's, the one that is stored at ADDRESS, or the one given. Arguments are gdb's expressions."""

    name = "gs-psw"

    def run(self, words):
        if len(words) > 2:
            self.usage("[ADDRESS | MASK ADDRESS]")
        session.only_s390x(self.name)
        values = " ".join("0x%x" % value_of(word) for word in words)
        psw = session.monitor_json(("psw " + values).strip())["psw"]
        mask, address = session.number(psw["mask"]), session.number(psw["address"])
        print("0x%016x 0x%016x%s" % (mask, address, session.symbol_at(address)))
        print(session.monitor("psw 0x%x 0x%x" % (mask, address)).strip())


class Walk(session.Command):
    """Translate an address table by table.
Usage: gs-walk ADDRESS [primary|secondary|home|real|ASCE]

Without a space on ppc64: by segment and hashed page table. ADDRESS is an expression of gdb: a number, $r15, a variable for where it lies, a pointer for what it points to. Without a
space: as the selected CPU would use it for operands."""

    name = "gs-walk"

    def run(self, words):
        if not 1 <= len(words) <= 2:
            self.usage("ADDRESS [primary|secondary|home|real|ASCE]")
        session.require_target()
        address = value_of(words[0])
        space = ""
        if len(words) == 2:
            session.only_s390x("gs-walk with a space")
            named = words[1] in ("primary", "secondary", "home", "real")
            space = " " + (words[1] if named else "0x%x" % value_of(words[1]))
        print("0x%x%s" % (address, session.symbol_at(address)))
        print(session.monitor("walk 0x%x%s" % (address, space)).rstrip())


Lowcore()
Psw()
Walk()
