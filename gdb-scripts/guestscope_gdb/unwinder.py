"""Backtraces through interruptions of Linux: from the kernel's handlers to what they interrupted."""

import re

import gdb
import gdb.unwinder

from . import session

# Entry points of arch/s390/kernel/entry.S that keep the interrupted registers in a pt_regs above their frame.
ENTRIES = ("system_call", "pgm_check_handler", "ext_int_handler", "io_int_handler", "mcck_int_handler")
# Code of entry.S without a frame and without CFI, in which a CPU may be interrupted.
LEAVES = ("psw_idle",)
# No frame is larger than a stack, so a longer way between two of them leads to another stack.
STACK_BYTES = 0x4000
# Where a frame that begins at address 0 keeps register 15; others lie below it, 8 bytes each (GCC, -mpacked-stack).
R15_SLOT = 144
STMG = (0xEB, 0x24)
FENTRY_BYTES = 6


# On ppc64: what the kernel writes into a frame that has a pt_regs ("regshere", or "REGS" in its own order), where, and where that is: a
# little-endian kernel has smaller frames since 6.2.
MARKERS = (0x7265677368657265, 0x52454753, 0x53474552)
MARKED_AT = ((96, 112), (32, 48))
# Doublewords of a pt_regs behind the general registers; user space sees it, too, so it stays so, and needs no types.
REGS = (("pc", 32), ("msr", 33), ("ctr", 35), ("lr", 36))
# MSR[PR], and an address above every stack.
PROBLEM_STATE = 0x4000
OUTERMOST = 0xFFFFFFFFFFFFFFF0
# How gdb shows what lies at an address.
SYMBOL = re.compile(r"<([^>+ ]+)(?:\+(\d+))?")


class FrameId:
    """What gdb tells frames apart by."""

    def __init__(self, sp, pc):
        self.sp = gdb.Value(sp)
        self.pc = gdb.Value(pc)


class Interruptions(gdb.unwinder.Unwinder):
    """Goes from a handler's frame to what it interrupted, and from one stack to the one before by the back chain.

    gdb's own rules have neither: entry.S says nothing of the interrupted registers, and a function that changes stacks in
    its middle says where its frame is by the stack that it has left. The other frames are left to gdb, and all of them
    without the kernel's debug information.
    """

    def __init__(self):
        super().__init__("guestscope-linux-interruptions")

    def __call__(self, pending):
        try:
            if session.is_ppc64():
                return marked(pending)
            pc, sp = value(pending, "pswa"), value(pending, "r15")
            newest = pending.level() == 0
            name, offset = function_at(pc if newest else pc - 1)
            if not name:
                return unknown(pending, pc, sp, newest)
            # The newest frame may be anywhere in a function, also where nothing is saved yet.
            if newest and not (name in ENTRIES and is_back(pending, "r14", name)):
                return None
            if name in ENTRIES:
                return interrupted(pending, pc, sp, pc - offset if newest else pc - 1 - offset)
            if name in LEAVES:
                return leaf(pending, pc, sp)
            frame = gdb.lookup_type("struct stack_frame")
            old = doubleword(sp + member(frame, "back_chain"))
            if old != 0 and not sp <= old < sp + STACK_BYTES:
                return switched(pending, pc, sp, old, pc - 1 - offset)
        except (gdb.error, gdb.MemoryError):
            # No types, or a stack that is not there: gdb's own rules say so better.
            pass
        return None


def value(pending, register):
    return int(pending.read_register(register)) & 0xFFFFFFFFFFFFFFFF


def doubleword(address):
    """The doubleword at an address, in the order of the guest. No command is carried out: gdb looks for the selected frame behind each."""
    return int(gdb.Value(gdb.selected_inferior().read_memory(address, 8).tobytes(), gdb.lookup_type("unsigned long")))


def member(of, name):
    return next(one.bitpos // 8 for one in of.fields() if one.name == name)


def function_at(address):
    """Name of the function that an address lies in, and how far in; an empty name when there is none. No command is carried out."""
    place = gdb.Value(address & 0xFFFFFFFFFFFFFFFF).cast(gdb.lookup_type("void").pointer())
    found = SYMBOL.search(place.format_string(symbols=True))
    return (found.group(1), int(found.group(2) or 0)) if found else ("", 0)


def is_back(pending, link, name):
    """Whether a function has been called by the newest frame and has returned: its frame is what it is while another one is newer.

    gdb finds by that the frame in which `finish` ends.
    """
    return name != "" and function_at(value(pending, link))[0] == name


def unknown(pending, pc, sp, newest):
    """Where a backtrace leaves what gdb has symbols of: it ends there, unless a call has just led astray.

    gdb's own rules make an error of it, "PC not saved", which ends scripts, too.
    """
    if newest and function_at(value(pending, "r14") - 1)[0]:
        return leaf(pending, pc, sp)
    # A frame that says of its caller what it is itself is the last one.
    info = pending.create_unwind_info(FrameId(sp, pc))
    save_address(info, pc)
    info.add_saved_register("r15", doubleword_value(sp))
    return info


def interrupted(pending, pc, sp, start):
    """What the registers were, from the pt_regs that lies above the handler's stack frame."""
    above = sp + gdb.lookup_type("struct stack_frame").sizeof
    of = gdb.lookup_type("struct pt_regs")
    regs = gdb.Value(above).cast(of.pointer()).dereference()
    info = pending.create_unwind_info(FrameId(above + of.sizeof, start))
    info.add_saved_register("pswm", doubleword_value(regs["psw"]["mask"]))
    save_address(info, regs["psw"]["addr"])
    for i in range(16):
        info.add_saved_register("r%d" % i, doubleword_value(regs["gprs"][i]))
    return info


def marked(pending):
    """On ppc64: what the registers were, from the pt_regs in a frame that says that it has one."""
    pc, sp = value(pending, "pc"), value(pending, "r1")
    newest = pending.level() == 0
    name, offset = function_at(pc)
    if newest and not is_back(pending, "lr", name):
        return None
    if value(pending, "msr") & PROBLEM_STATE:
        if newest:
            return None
        # Of user space nothing is known. Its stack lies below the kernel's, which gdb would take for a damaged one.
        info = pending.create_unwind_info(FrameId(OUTERMOST, pc))
        for name in ("pc", "msr", "r1"):
            info.add_saved_register(name, doubleword_value(value(pending, name)))
        return info
    regs = next((sp + at for marker, at in MARKED_AT if doubleword(sp + marker) in MARKERS), None)
    if regs is None:
        return None
    info = pending.create_unwind_info(FrameId(sp, pc - offset))
    for register, place in REGS + tuple(("r%d" % i, i) for i in range(32)):
        info.add_saved_register(register, doubleword_value(doubleword(regs + 8 * place)))
    return info


def leaf(pending, pc, sp):
    """The caller's registers, where nothing has changed but the address."""
    info = pending.create_unwind_info(FrameId(sp + gdb.lookup_type("struct stack_frame").sizeof, pc))
    save_address(info, value(pending, "r14"))
    for i in range(6, 16):
        info.add_saved_register("r%d" % i, doubleword_value(value(pending, "r%d" % i)))
    return info


def switched(pending, pc, sp, old, function):
    """The caller's registers, saved by the function's first instructions on the stack that it had then."""
    code = gdb.selected_inferior().read_memory(function, 12).tobytes()
    at = 0 if code[0] == STMG[0] else FENTRY_BYTES
    if (code[at], code[at + 5]) != STMG:
        return None
    first = code[at + 1] >> 4
    info = pending.create_unwind_info(FrameId(sp + gdb.lookup_type("struct stack_frame").sizeof, pc))
    saved = {i: doubleword(old + R15_SLOT - 8 * (15 - i)) for i in range(first, 16)}
    save_address(info, saved[14])
    for i, found in saved.items():
        info.add_saved_register("r%d" % i, doubleword_value(found))
    return info


def save_address(info, address):
    # pc is a register of gdb's own, made from pswa; gdb does not make it from what an unwinder says.
    for name in ("pswa", "pc"):
        info.add_saved_register(name, doubleword_value(address))


def doubleword_value(number):
    return gdb.Value(int(number) & 0xFFFFFFFFFFFFFFFF).cast(gdb.lookup_type("unsigned long"))


gdb.unwinder.register_unwinder(None, Interruptions(), replace=True)
