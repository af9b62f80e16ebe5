"""gs-ps and gs-current."""

import gdb

from . import kernel, session

# Letters as ps prints them, by the bit of the state.
STATES = ((1, "S"), (2, "D"), (4, "T"), (8, "t"), (16, "X"), (32, "Z"), (64, "P"), (0x80, "X"))
NOLOAD = 0x400


def state_letter(task):
    """The state of a task as ps has it; I is an idle kernel thread."""
    state = task.number("__state" if task.has("__state") else "state") | task.number("exit_state")
    if state & 2 and state & NOLOAD:
        return "I"
    for bit, letter in STATES:
        if state & bit:
            return letter
    return "R"


def current_task(thread):
    """The task that a vCPU executes, or None for one that Linux does not run on."""
    with session.on_thread(thread):
        if session.is_ppc64():
            # Where the kernel keeps its own structure of the processor, whatever general register 13 holds.
            paca = session.register("sprg1")
            address = kernel.Object("paca_struct", paca).number("__current") if paca else 0
            return kernel.Object("task_struct", address) if address else None
        lowcore = session.register("prefix")
        if session.register("pswm") & (1 << 58) == 0 and session.register("cr13") == 0:
            return None
        offset, _ = kernel.field(kernel.struct("lowcore"), "current_task")
        answer = session.monitor_json("read 0x%x 8 absolute" % (lowcore + offset))
        address = int.from_bytes(bytes.fromhex(answer["bytes"]), "big")
        return kernel.Object("task_struct", address) if address else None


def running():
    """Number of the vCPU by address of the task that it executes."""
    found = {}
    for thread in session.vcpus():
        task = current_task(thread)
        if task is not None:
            found[task.address] = thread.num - 1
    return found


def all_tasks():
    """Every thread of every process, init_task first."""
    leader = kernel.address_of("init_task")
    yield kernel.Object("task_struct", leader)
    for process in kernel.list_entries(leader + kernel.field(kernel.struct("task_struct"), "tasks")[0], "task_struct", "tasks"):
        first = kernel.Object("task_struct", process)
        yield first
        # A thread is on a list of its group, which begins in the signal structure.
        head = first.number("signal") + kernel.field(kernel.struct("signal_struct"), "thread_head")[0]
        for thread in kernel.list_entries(head, "task_struct", "thread_node"):
            if thread != process:
                yield kernel.Object("task_struct", thread)


class Ps(session.Command):
    """List the tasks of the guest's kernel.
Usage: gs-ps [NAME]

Process and thread id, state as ps has it, the CPU that executes the task now, address of the task_struct, command. In
brackets: threads of the kernel. With NAME, the tasks whose command contains it. Needs the kernel's symbols."""

    name = "gs-ps"
    completion = gdb.COMPLETE_NONE

    def run(self, words):
        if len(words) > 1:
            self.usage("[NAME]")
        session.require_target()
        kernel.need_symbols(self.name, "init_task")
        on = running()
        print("%7s %7s %s %3s %-18s %s" % ("PID", "TID", "S", "CPU", "TASK", "COMMAND"))
        for task in all_tasks():
            comm = task.text("comm")
            if words and words[0] not in comm:
                continue
            shown = comm if task.number("mm") else "[%s]" % comm
            cpu = on.get(task.address, "")
            ids = task.signed("tgid"), task.signed("pid")
            print("%7d %7d %s %3s 0x%-16x %s" % (*ids, state_letter(task), cpu, task.address, shown))


class Current(session.Command):
    """Show the task that a CPU executes.
Usage: gs-current [all]

Of the selected thread's CPU, or of all of them. $gs_current is set to its task_struct, of the selected CPU. Needs the
kernel's symbols."""

    name = "gs-current"
    completion = gdb.COMPLETE_NONE

    def run(self, words):
        if words not in ([], ["all"]):
            self.usage("[all]")
        session.require_target()
        kernel.need_symbols(self.name, "init_task")
        selected = gdb.selected_thread()
        for thread in session.vcpus() if words else [selected]:
            task = current_task(thread)
            if task is None:
                print("CPU %d: no task" % (thread.num - 1))
                continue
            ids = task.signed("pid"), task.signed("tgid")
            where = (thread.num - 1, task.text("comm"), *ids, state_letter(task), task.address)
            print("CPU %d: %s, pid %d, tgid %d, state %s, task_struct at 0x%x" % where)
            if thread == selected:
                of = kernel.struct("task_struct").pointer()
                gdb.set_convenience_variable("gs_current", gdb.Value(task.address).cast(of))


Ps()
Current()
