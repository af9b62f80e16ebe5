"""gs-sie, gs-skeys, gs-dirty and so on: what the hypervisor keeps, as commands, functions of gdb's expressions, and pictures."""

import gdb

from . import machine, session

PAGE = 4096


class Shown(session.Command):
    """A monitor command with gdb's expressions as its addresses."""

    words_at_most = 1
    form = ""
    plain = ()

    def run(self, words):
        if len(words) > self.words_at_most:
            self.usage(self.form)
        line = self.name[len("gs-") :]
        for word in words:
            line += " " + (word if word in self.plain else self.value(word))
        text = session.monitor(line).rstrip()
        if text:
            print(text)

    def value(self, word):
        return "0x%x" % machine.value_of(word)


class RangeShown(Shown):
    """The same with a range of addresses: FIRST-LAST, FIRST+LENGTH or one address."""

    def value(self, word):
        for sign in "-+":
            first, found, second = word.partition(sign)
            if found:
                return "0x%x%s0x%x" % (machine.value_of(first), sign, machine.value_of(second))
        return "0x%x" % machine.value_of(word)


class Sie(Shown):
    """Show the SIE state description of a CPU, field by field.
Usage: gs-sie [N]"""

    name = "gs-sie"
    form = "[N]"


class Gmap(Shown):
    """Show memory slots and the segments of the guest's address space.
Usage: gs-gmap"""

    name = "gs-gmap"
    words_at_most = 0


class Translate(Shown):
    """Show the real, the absolute and the host address of an address.
Usage: gs-translate ADDRESS [primary|secondary|home|real|ASCE]"""

    name = "gs-translate"
    words_at_most = 2
    form = "ADDRESS [primary|secondary|home|real|ASCE]"
    plain = ("primary", "secondary", "home", "real")


class Skeys(RangeShown):
    """Show whether storage keys are in use, or those of a range of absolute addresses.
Usage: gs-skeys status|FIRST-LAST|FIRST+LENGTH"""

    name = "gs-skeys"
    form = "status|FIRST-LAST|FIRST+LENGTH"
    plain = ("status",)


class Dirty(Shown):
    """Log the pages that are stored into.
Usage: gs-dirty start|get|peek|map|stop|status|readers"""

    name = "gs-dirty"
    form = "start|get|peek|map|stop|status|readers"
    plain = ("start", "get", "peek", "map", "stop", "status", "readers")


class Cmma(RangeShown):
    """Show what the guest says that it needs of its blocks.
Usage: gs-cmma [FIRST-LAST|FIRST+LENGTH]"""

    name = "gs-cmma"
    form = "[FIRST-LAST|FIRST+LENGTH]"


class Migration(Shown):
    """Enter or leave migration mode, or show it.
Usage: gs-migration [start|stop|status]"""

    name = "gs-migration"
    form = "[start|stop|status]"
    plain = ("start", "stop", "status")


class Attr(Shown):
    """Show the VM's device attributes.
Usage: gs-attr [GROUP [NAME]]"""

    name = "gs-attr"
    words_at_most = 2
    form = "[GROUP [NAME]]"

    def value(self, word):
        return word


class Irq(Shown):
    """Show interruptions that wait, and which the CPUs let in.
Usage: gs-irq"""

    name = "gs-irq"
    words_at_most = 0


class Trace(Shown):
    """Trace what the hypervisor does, or show the last events.
Usage: gs-trace [on|off|clear|COUNT]"""

    name = "gs-trace"
    form = "[on|off|clear|COUNT]"
    plain = ("on", "off", "clear")


class Stats(Shown):
    """Count exits of SIE and intercepted instructions.
Usage: gs-stats [reset]"""

    name = "gs-stats"
    form = "[reset]"
    plain = ("reset",)


class Per(Shown):
    """Show the guest's own program-event recording.
Usage: gs-per"""

    name = "gs-per"
    words_at_most = 0


class Function(gdb.Function):
    """A function of gdb's expressions, with a number as its value."""

    name = ""

    def __init__(self):
        super().__init__(self.name)

    def invoke(self, *arguments):
        session.require_target()
        value = self.of(*arguments)
        return gdb.Value(value).cast(gdb.lookup_type("unsigned long"))

    def of(self, *arguments):
        raise NotImplementedError


def translated(argument, what):
    answer = session.monitor_json("translate 0x%x" % session.address(argument))
    if "exception" in answer:
        raise gdb.GdbError("that address has no %s address: %s" % (what, answer["exception"]["name"]))
    return session.number(answer[what])


class Absolute(Function):
    """$gs_absolute(ADDRESS): the absolute address of an address as the selected CPU would use it."""

    name = "gs_absolute"

    def of(self, address):
        return translated(address, "absolute")


class Host(Function):
    """$gs_host(ADDRESS): where the storage behind an address is, as an offset into the host's storage."""

    name = "gs_host"

    def of(self, address):
        return translated(address, "host")


class Key(Function):
    """$gs_key(ADDRESS): the storage key of the frame at an absolute address."""

    name = "gs_key"

    def of(self, address):
        answer = session.monitor_json("skeys 0x%x" % session.address(address))
        return session.number(answer["keys"][0]["key"])


class Exits(Function):
    """$gs_exits("STAP"): how often an instruction, or a kind of interception, came to the hypervisor."""

    name = "gs_exits"

    def of(self, name):
        answer = session.monitor_json("stats")
        name = name.string()
        return answer["instructions"].get(name, answer["exits"].get(name, 0))


class IsDirty(Function):
    """$gs_dirty(ADDRESS): 1 when the page at an absolute address is in the log of gs-dirty, which stays as it is."""

    name = "gs_dirty"

    def of(self, address):
        page = session.address(address) // PAGE * PAGE
        for run in session.monitor_json("dirty peek")["ranges"]:
            first = session.number(run["first"])
            if first <= page < first + run["pages"] * PAGE:
                return 1
        return 0


# Pictures: a grid of cells, each some pages, in rows of COLUMNS.
COLUMNS = 64
CELL = 10
MOST_CELLS = 4096
USAGE_COLORS = {"stable": "#4a7", "unused": "#ccc", "potentially volatile": "#da4", "volatile": "#c54"}


def svg(title, legend, cells, first, cell_bytes):
    """A picture as text: `cells` are a color and words each, `legend` colors with words."""
    rows = (len(cells) + COLUMNS - 1) // COLUMNS
    width, top = COLUMNS * CELL + 120, 40
    height = top + rows * CELL + 30
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" font-size="9">' % (width, height)]
    out.append("<title>%s</title>" % title)
    out.append('<rect width="%d" height="%d" fill="#fff"/>' % (width, height))
    out.append('<text x="110" y="14" font-size="12">%s</text>' % title)
    for row in range(rows):
        out.append('<text x="4" y="%d">0x%09x</text>' % (top + row * CELL + 8, first + row * COLUMNS * cell_bytes))
    for i, (color, words) in enumerate(cells):
        x, y = 110 + i % COLUMNS * CELL, top + i // COLUMNS * CELL
        place = (x, y, CELL - 1, CELL - 1, color, first + i * cell_bytes, words)
        out.append('<rect x="%d" y="%d" width="%d" height="%d" fill="%s"><title>0x%x %s</title></rect>' % place)
    for i, (color, words) in enumerate(legend):
        y = top + rows * CELL + 12
        out.append('<rect x="%d" y="%d" width="8" height="8" fill="%s"/>' % (110 + i * 150, y, color))
        out.append('<text x="%d" y="%d">%s</text>' % (122 + i * 150, y + 8, words))
    return "\n".join(out + ["</svg>", ""])


def grid(runs, first, last):
    """Cells of a range: of each the value of its first page, by `runs` of (address, pages, value)."""
    pages = (last - first + PAGE) // PAGE
    each = -(-pages // MOST_CELLS)
    values = []
    for address, count, value in runs:
        while len(values) * each * PAGE + first < address:
            values.append(None)
        while len(values) * each * PAGE + first < address + count * PAGE:
            values.append(value)
    return values, each * PAGE


def key_color(key):
    """Colors go by the access key, pale where nothing was changed."""
    hue = (key >> 4) * 360 // 16
    return "hsl(%d,%d%%,%d%%)" % (hue, 60 if key & 8 else 30, 45 if key & 2 else 75)


class Picture(session.Command):
    """Draw a map of storage as an SVG picture.
Usage: gs-picture dirty|skeys|cmma FILE [FIRST-LAST|FIRST+LENGTH]

dirty is the log of gs-dirty, slot 0 of it. For storage keys and usage states the range is all of slot 0 unless given."""

    name = "gs-picture"
    completion = gdb.COMPLETE_FILENAME

    def run(self, words):
        if not 2 <= len(words) <= 3 or words[0] not in ("dirty", "skeys", "cmma"):
            self.usage("dirty|skeys|cmma FILE [FIRST-LAST|FIRST+LENGTH]")
        slot = session.monitor_json("gmap")["slots"][0]
        first = session.number(slot["guest"])
        last = first + session.number(slot["bytes"]) - 1
        if len(words) == 3:
            text = RangeShown.value(self, words[2])
            low, sign, high = text.partition("+") if "+" in text else text.partition("-")
            first = int(low, 0)
            last = first if not sign else int(high, 0) if sign == "-" else first + int(high, 0) - 1
        picture = getattr(self, words[0])(first, last)
        with open(words[1], "w") as file:
            file.write(picture)
        print("%s: written" % words[1])

    def dirty(self, first, last):
        answer = session.monitor_json("dirty map")["slot0"]
        pages = answer["pagesPerCell"]
        shade = lambda n: "#eee" if n == 0 else "hsl(10,80%%,%d%%)" % (80 - 45 * n // pages)
        cells = [(shade(n), "%d of %d pages" % (n, pages)) for n in answer["cells"]]
        legend = (("#eee", "not stored into"), ("hsl(10,80%,35%)", "all pages stored into"))
        return svg("Pages stored into", legend, cells, session.number(answer["guest"]), pages * PAGE)

    def skeys(self, first, last):
        answer = session.monitor_json("skeys 0x%x-0x%x" % (first, last))["keys"]
        runs = [(session.number(run["first"]), run["pages"], session.number(run["key"])) for run in answer]
        values, size = grid(runs, first // PAGE * PAGE, last)
        cells = [(key_color(key), "key 0x%02x" % key) for key in values]
        legend = [(key_color(key << 4 | 2), "access key %d" % key) for key in sorted({key >> 4 for key in values})[:4]]
        return svg("Storage keys", legend, cells, first // PAGE * PAGE, size)

    def cmma(self, first, last):
        answer = session.monitor_json("cmma 0x%x-0x%x" % (first, last))
        if not answer["enabled"]:
            raise gdb.GdbError("the guest tells nothing of its blocks: it needs --cpu MODEL,cmm=on")
        runs = [(session.number(run["first"]), run["blocks"], run["usage"]) for run in answer["states"]]
        values, size = grid(runs, first // PAGE * PAGE, last)
        cells = [(USAGE_COLORS[usage], usage) for usage in values]
        return svg("Usage states", [(c, u) for u, c in USAGE_COLORS.items()], cells, first // PAGE * PAGE, size)


for _command in (Sie, Gmap, Translate, Skeys, Dirty, Cmma, Migration, Attr, Irq, Trace, Stats, Per, Picture):
    _command()
for _function in (Absolute, Host, Key, Exits, IsDirty):
    _function()
