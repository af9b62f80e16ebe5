"""gs-watch-if: a condition of gdb's own on a watchpoint, which the guest's side looks at."""

import re

import gdb

from . import machine, session

# Operations as `maintenance agent-eval` names them: their codes, and the bytes of what stands behind them.
OPERATIONS = {
    "add": (0x02, 0), "sub": (0x03, 0), "mul": (0x04, 0), "div_signed": (0x05, 0), "div_unsigned": (0x06, 0),
    "rem_signed": (0x07, 0), "rem_unsigned": (0x08, 0), "lsh": (0x09, 0), "rsh_signed": (0x0A, 0), "rsh_unsigned": (0x0B, 0),
    "log_not": (0x0E, 0), "bit_and": (0x0F, 0), "bit_or": (0x10, 0), "bit_xor": (0x11, 0), "bit_not": (0x12, 0),
    "equal": (0x13, 0), "less_signed": (0x14, 0), "less_unsigned": (0x15, 0), "ext": (0x16, 1), "ref8": (0x17, 0),
    "ref16": (0x18, 0), "ref32": (0x19, 0), "ref64": (0x1A, 0), "if_goto": (0x20, 2), "goto": (0x21, 2), "const8": (0x22, 1),
    "const16": (0x23, 2), "const32": (0x24, 4), "const64": (0x25, 8), "reg": (0x26, 2), "end": (0x27, 0), "dup": (0x28, 0),
    "pop": (0x29, 0), "zero_ext": (0x2A, 1), "swap": (0x2B, 0), "pick": (0x32, 1), "rot": (0x33, 0),
}
LINE = re.compile(r"^\s*(\d+)\s+([a-z_0-9]+)(?:\s+(\d+))?\s*$", re.MULTILINE)


def compiled(condition):
    """A condition as bytes of an agent expression, in hex: gdb compiles it, and says what it has made."""
    try:
        text = gdb.execute("maintenance agent-eval " + condition, to_string=True)
    except gdb.error as error:
        raise gdb.GdbError("gdb cannot compile this condition (%s): no strings, characters, floats or calls" % error)
    code = bytearray()
    for at, name, operand in LINE.findall(text):
        known = OPERATIONS.get(name)
        if known is None or int(at) != len(code):
            raise gdb.GdbError("gdb has made something of this condition that nobody knows here: %s" % name)
        code.append(known[0])
        code += int(operand or 0).to_bytes(known[1], "big")
    return code.hex()


class WatchIf(session.Command):
    """Let a watchpoint stop on a condition alone, forwards and backwards, looked at where the guest runs.
Usage: gs-watch-if EXPRESSION [if CONDITION]

The watchpoint is one on what EXPRESSION stands for: watch -l EXPRESSION sets it. CONDITION is one of gdb's, of variables and
registers as they are where you are now, without strings, characters, floats and calls. Without one it stops always again."""

    name = "gs-watch-if"

    def words(self, argument):
        return [argument]

    def run(self, words):
        expression, found, condition = (" %s " % words[0]).partition(" if ")
        if not expression.strip() or (found and not condition.strip()):
            self.usage("EXPRESSION [if CONDITION]")
        value = gdb.parse_and_eval(expression)
        address = machine.value_of(expression) if value.address is None else session.address(value.address)
        words = "agent " + compiled(condition.strip()) if found else "any"
        for line in session.monitor("watch-if 0x%x %s" % (address, words)).splitlines():
            print(line)


WatchIf()
