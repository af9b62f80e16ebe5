"""gs-dmesg: the ring of records that printk writes (Linux 5.10 and later)."""

import gdb

from . import kernel, session

FLAG_SHIFT = 62
ID_MASK = (1 << FLAG_SHIFT) - 1
COMMITTED = 1
FINALIZED = 2


def records():
    """Time in nanoseconds and text of each record, the oldest first."""
    ring = kernel.Object("printk_ringbuffer", kernel.pointer(kernel.address_of("prb")))
    entries = 1 << ring.number("desc_ring.count_bits")
    descriptor, info = kernel.struct("prb_desc"), kernel.struct("printk_info")
    descriptors = kernel.read(ring.number("desc_ring.descs"), descriptor.sizeof * entries)
    infos = kernel.read(ring.number("desc_ring.infos"), info.sizeof * entries)
    size = 1 << ring.number("text_data_ring.size_bits")
    order = session.byte_order()
    text = kernel.read(ring.number("text_data_ring.data"), size)

    def part(data, of, index, path):
        offset, member = kernel.field(of, path)
        at = index * of.sizeof + offset
        return int.from_bytes(data[at : at + member.sizeof], order)

    at = ring.number("desc_ring.tail_id.counter")
    head = ring.number("desc_ring.head_id.counter")
    for _ in range(entries):
        index = at % entries
        state = part(descriptors, descriptor, index, "state_var.counter") >> FLAG_SHIFT
        begin = part(descriptors, descriptor, index, "text_blk_lpos.begin") % size
        end = part(descriptors, descriptor, index, "text_blk_lpos.next") % size
        # The lowest bit marks a record without text.
        if state in (COMMITTED, FINALIZED) and not begin & 1:
            # A record that would go past the end begins at the front; its descriptor's number comes first.
            start = (begin if begin <= end else 0) + 8
            length = part(infos, info, index, "text_len")
            yield part(infos, info, index, "ts_nsec"), text[start : min(start + length, end)].decode("utf8", "replace")
        if at == head:
            return
        at = (at + 1) & ID_MASK


class Dmesg(session.Command):
    """Show the log of the guest's kernel.
Usage: gs-dmesg [COUNT]

All records in the ring, or the last COUNT of them, as dmesg prints them: also of a kernel that could not print them any
more. Needs the kernel's symbols, of Linux 5.10 or later."""

    name = "gs-dmesg"
    completion = gdb.COMPLETE_NONE

    def run(self, words):
        if len(words) > 1 or (words and not words[0].isdigit()):
            self.usage("[COUNT]")
        session.require_target()
        kernel.need_symbols(self.name, "prb")
        found = list(records())
        for time, text in found[-int(words[0]) :] if words else found:
            stamp = "[%5d.%06d] " % (time // 10**9, time // 1000 % 10**6)
            for line in text.split("\n"):
                print(stamp + line)


Dmesg()
