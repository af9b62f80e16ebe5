"""gs-writers and gs-seek: a guest's past, with the names that gdb's symbols give to addresses."""

import gdb

from . import machine, session


class Writers(session.Command):
    """Show who has stored last into what an expression stands for, newest first.
Usage: gs-writers EXPRESSION [N]

Each line has the time, for gs-seek, the CPU, the instruction with its symbol and source line, and the old and the new value. A
store that changed nothing is said to be silent. N is 4 when it is not given."""

    name = "gs-writers"

    def run(self, words):
        if not words:
            self.usage("EXPRESSION [N]")
        count = words[-1] if len(words) > 1 and words[-1].isdigit() else "4"
        expression = " ".join(words[:-1] if len(words) > 1 and words[-1].isdigit() else words)
        value = gdb.parse_and_eval(expression)
        if value.address is None:
            address, size = machine.value_of(expression), 8
        else:
            address, size = session.address(value.address), value.type.sizeof
        answer = session.monitor_json("writers 0x%x+%d %s" % (address, size, count))
        for write in answer["writers"]:
            self.show(write, value)
        if not answer["writers"]:
            print("nobody has stored there since time %s" % answer["searched from"])

    def show(self, write, value):
        after = self.text(write["after"], value)
        if write["silent"]:
            what = "%s again, silent" % after
        else:
            what = "%s -> %s" % (self.text(write["before"], value), after)
        if write["cpu"] == "outside":
            print("time %s: from outside: %s" % (write["at"], what))
            return
        address = session.number(write["instruction"])
        where = gdb.find_pc_line(address)
        line = " at %s:%d" % (where.symtab.filename, where.line) if where.symtab is not None else ""
        print("time %s: CPU %s, 0x%x%s%s: %s" % (write["at"], write["cpu"], address, session.symbol_at(address), line, what))

    def text(self, digits, value):
        scalar = value.type.strip_typedefs().code in (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_BOOL)
        if not scalar or len(digits) != 2 * value.type.sizeof:
            return "0x" + digits
        return gdb.Value(bytes.fromhex(digits), value.type).format_string()


def place(address):
    """An address with its symbol and source line."""
    where = gdb.find_pc_line(address)
    line = " at %s:%d" % (where.symtab.filename, where.line) if where.symtab is not None else ""
    return "0x%x%s%s" % (address, session.symbol_at(address), line)


class Branches(session.Command):
    """Show where the selected CPU has branched, or was interrupted, newest first.
Usage: gs-branches [N]

Each line has the time, for gs-seek, and both ends with their symbols and source lines. N is 16 when it is not given."""

    name = "gs-branches"
    completion = gdb.COMPLETE_NONE

    def run(self, words):
        if len(words) > 1:
            self.usage("[N]")
        for branch in session.monitor_json("branches " + " ".join(words))["branches"]:
            ends = [place(session.number(branch[end])) for end in ("from", "to")]
            print("time %s: %s -> %s" % (branch["at"], ends[0], ends[1]))


class Seek(session.Command):
    """Go to a time of the guest's past.
Usage: gs-seek TIME | -N | +N | NAME

Times count instructions: 'monitor when' says which one it is, 'monitor mark NAME' names it, 'present' is the last. The guest
stops there, in front of the instruction that is executed then."""

    name = "gs-seek"
    completion = gdb.COMPLETE_NONE

    def run(self, words):
        if len(words) != 1:
            self.usage("TIME | -N | +N | NAME")
        session.monitor_json("seek " + words[0])
        gdb.execute("stepi")


class Reverse(session.Command):
    """Let continue, step, next and finish go backwards, or forwards again.
Usage: gs-reverse [on|off|status]

For clients that have no buttons for going back: theirs go back until it is said once more. Without a word it changes from one to
the other. A function cannot be called while it is on."""

    name = "gs-reverse"
    completion = gdb.COMPLETE_NONE

    def run(self, words):
        if len(words) > 1 or (words and words[0] not in ("on", "off", "status")):
            self.usage("[on|off|status]")
        back = gdb.parameter("exec-direction") == "reverse"
        if words != ["status"]:
            back = not back if not words else words[0] == "on"
            gdb.execute("set exec-direction " + ("reverse" if back else "forward"))
        print("the guest goes %s" % ("backwards" if back else "forwards"))


Writers()
Branches()
Seek()
Reverse()
