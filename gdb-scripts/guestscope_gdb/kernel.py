"""The guest's kernel: types from its symbols, storage from its own address space, whatever the vCPUs are at."""

import gdb

from . import session

ADVICE = (
    "needs the kernel's symbols with debug information: start 'guestscope linux --debuginfo' or "
    "'guestscope run --symbols vmlinux', or say 'file vmlinux' here before 'target remote'"
)
# Linux has itself in the home space since 5.12.
HOME = "home"


def need_symbols(command, *names):
    """Fails with advice unless gdb knows these symbols."""
    for name in names:
        if gdb.lookup_global_symbol(name) is None and gdb.lookup_static_symbol(name) is None:
            raise gdb.GdbError("%s %s (there is no %s)" % (command, ADVICE, name))


def address_of(name):
    """Where a variable lies."""
    symbol = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    return int(symbol.value().address)


def struct(name):
    """A structure's type; fails with advice when there is no debug information about it."""
    try:
        return gdb.lookup_type("struct " + name)
    except gdb.error:
        raise gdb.GdbError("struct %s is not known: this %s" % (name, ADVICE))


def field(of, path):
    """Offset in bytes and type of a member by its path, such as `se.vruntime`; None when there is none."""
    offset = 0
    for name in path.split("."):
        found = _member(of, name)
        if found is None:
            return None
        offset += found[0]
        of = found[1].strip_typedefs()
    return offset, of


def _member(of, name):
    for one in of.fields():
        if one.name == name:
            return one.bitpos // 8, one.type
        # Members of an unnamed one belong to the outer one.
        if one.name in (None, "") and one.type.strip_typedefs().code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            inner = _member(one.type.strip_typedefs(), name)
            if inner is not None:
                return one.bitpos // 8 + inner[0], inner[1]
    return None


def read(address, length):
    """Bytes at an address of the kernel. On s390x a vCPU in user space does not see those, so its home space is asked for."""
    if session.is_ppc64() or not session.register("pswm") & (1 << 48):
        return gdb.selected_inferior().read_memory(address, length).tobytes()
    answer = session.monitor_json("read 0x%x %d %s" % (address, length, HOME))
    return bytes.fromhex(answer["bytes"])


class Object:
    """A structure in the guest's storage, read once and whole; gdb's values see the current address space only."""

    def __init__(self, type_name, address):
        self.type = struct(type_name)
        self.address = address
        self._bytes = read(address, self.type.sizeof)

    def has(self, path):
        return field(self.type, path) is not None

    def bytes(self, path):
        found = field(self.type, path)
        if found is None:
            raise gdb.GdbError("%s has no member %s: these are not this kernel's symbols" % (self.type, path))
        offset, of = found
        return self._bytes[offset : offset + of.sizeof]

    def number(self, path):
        return int.from_bytes(self.bytes(path), session.byte_order())

    def signed(self, path):
        return int.from_bytes(self.bytes(path), session.byte_order(), signed=True)

    def text(self, path):
        return self.bytes(path).split(b"\0")[0].decode("latin1")


def pointer(address):
    """The doubleword at an address."""
    return int.from_bytes(read(address, 8), session.byte_order())


def list_entries(head, type_name, member, most=100000):
    """Addresses of the structures on a list that begins at `head`."""
    offset, _ = field(struct(type_name), member)
    at = pointer(head)
    for _ in range(most):
        if at in (head, 0):
            return
        yield at - offset
        at = pointer(at)
