"""The connection to guestscope: its monitor commands, the vCPUs, and how commands are defined."""

import json

import gdb


class Command(gdb.Command):
    """A gdb command: its name is `name`, its help the docstring, `run` gets the arguments split as gdb splits them."""

    name = ""
    completion = gdb.COMPLETE_EXPRESSION

    def __init__(self):
        super().__init__(self.name, gdb.COMMAND_DATA, self.completion)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        try:
            self.run(self.words(argument))
        except gdb.error as error:
            # An expression without meaning, storage that is not there: the user's words, and no fault of the command's.
            raise gdb.GdbError("%s: %s" % (self.name, error))

    def words(self, argument):
        return gdb.string_to_argv(argument)

    def run(self, words):
        raise NotImplementedError

    def usage(self, form):
        raise gdb.GdbError("usage: %s" % " ".join((self.name, form)).strip())


def require_target():
    """Fails with advice unless a guest is attached."""
    if gdb.selected_inferior().pid == 0 or gdb.selected_thread() is None:
        raise gdb.GdbError("no guest is attached: start guestscope, then 'target remote :1234'")


def monitor(line):
    """What a monitor command says, as text."""
    require_target()
    try:
        return gdb.execute("monitor " + line, to_string=True)
    except gdb.error as error:
        raise gdb.GdbError("the server takes no 'monitor %s': is it guestscope? (%s)" % (line, error))


def monitor_json(line):
    """What a monitor command says, as a dictionary; the user's mistake is an error."""
    text = monitor(line + " --json")
    try:
        # `set trace-commands on` has gdb show the command in front of its answer.
        answer = json.loads(text[max(text.find("{"), 0) :])
    except ValueError:
        raise gdb.GdbError("the server did not understand 'monitor %s': %s" % (line, text.strip()))
    if "mistake" in answer:
        raise gdb.GdbError(answer["mistake"])
    return answer


def number(text):
    """A number of guestscope's JSON: those that may be wide are hex in a string."""
    return int(text, 0) if isinstance(text, str) else int(text)


def address(value):
    """A pointer as a number."""
    return int(value.cast(gdb.lookup_type("unsigned long"))) & 0xFFFFFFFFFFFFFFFF


def vcpus():
    """The vCPUs as gdb threads, by number."""
    require_target()
    return sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num)


class on_thread:
    """A `with` that selects a thread and afterwards the thread and frame from before."""

    def __init__(self, thread):
        self.thread = thread

    def __enter__(self):
        self.before = gdb.selected_thread()
        self.level = gdb.selected_frame().level()
        if self.thread != self.before:
            self.thread.switch()

    def __exit__(self, *_):
        if self.thread == self.before:
            return
        self.before.switch()
        # To look for more frames than there were may fail.
        frame = gdb.newest_frame()
        while frame is not None and frame.level() < self.level:
            frame = frame.older()
        if frame is not None and self.level > 0:
            frame.select()


def register(name):
    """A register of the selected vCPU, whatever frame is selected."""
    return int(gdb.newest_frame().read_register(name)) & 0xFFFFFFFFFFFFFFFF


def is_ppc64():
    """True for a ppc64 guest, false for an s390x one."""
    return gdb.selected_inferior().architecture().name().startswith("powerpc")


def only_s390x(command):
    """Fails for what other machines do not have."""
    if is_ppc64():
        raise gdb.GdbError("%s is about s390x: 'monitor help' lists what there is of this guest" % command)


def byte_order():
    """Of the guest's storage and registers as gdb has them: `big` or `little`."""
    return "little" if "little endian" in gdb.execute("show endian", to_string=True) else "big"


def symbol_at(address):
    """` <name+offset>` for an address that a symbol covers, or nothing."""
    # As in monitor_json, there may be a line in front.
    text = gdb.execute("info symbol 0x%x" % address, to_string=True).strip().splitlines()[-1]
    if text.startswith("No symbol"):
        return ""
    words = text.split(" in section ")[0].split()
    return " <%s>" % "".join(words)
