import { describe, expect, test } from 'vitest';
import { codeOf, type SourceFile, sources } from '../support/sources.ts';

/** Rooms whose objects live as long as a guest does. */
const rooms =
  /^(machine|virtio|arch\/s390x\/(cpu|dat|kvm|sie|vmm|[^/]*\.ts$)|arch\/ppc64\/(cpu|mmu|hv|vmm|[^/]*\.ts$))/;

/**
 * What changes and is not saved by its own class, by class and field or by class, and why a run that goes on from a
 * snapshot does not miss it. A new entry wants a reason as good as these.
 */
const unsaved: Readonly<Record<string, string>> = {
  // Scratch: set by an instruction, an access or a command and used up before it ends; snapshots are taken between turns.
  'AccessPlaces.#fault': 'of the access in hand',
  'AccessPlaces.#fetchOnly': 'of the access in hand',
  'StorageAccess.recorder': 'of the instruction in hand',
  'CpuComplex.high': 'of the table entry in hand',
  'CpuComplex.low': 'of the table entry in hand',
  HostTables: 'of the table entry in hand',
  'LooseDecoder.#first': 'of the instruction in hand',
  'LooseDecoder.#last': 'of the instruction in hand',
  PerRecorder: 'of the instruction in hand: begun and ended or dropped inside one run',
  'Vcpu.unwindCause': 'of the instruction in hand',
  'Vcpu.executeText': 'of the instruction in hand',
  'KvmVcpu.#handled': 'of the run in hand',
  'KvmVcpu.holding': 'of the run in hand',
  InterceptionControls: 'set anew by every entry of SIE, and of no use in between',
  'Vcpu.recheck': 'of the instruction in hand',
  'PrefixArea.#isTold': 'of the interruption in hand',
  'Vcpu.cause': 'of the instruction in hand',
  'HvVcpu.budget': 'of the run in hand',
  'HvVcpu.#segments': 'of the last exit, for who looks at it: the segments themselves are in the state',
  'HvVcpu.#until': 'of the run in hand',
  'Vty.#put': 'of the run in progress: what was put goes out when it ends',
  'Vty.#length': 'of the run in progress, as what was put',
  'VmmUserSpace.#rebooting': 'of the run in progress: the guest begins anew when it ends',
  HardwareThread: 'the hypervisor runs between turns: what it has then is made anew by every switch',
  'Hpt.shift': 'of the search in hand',
  Writer: 'of the device tree in hand',
  Chain: 'of the channel program in hand, which ends inside the instruction that starts it',
  DataArea: 'of the channel command in hand',

  // Caches: filled anew from the state, and emptied when a snapshot is taken or restored as far as they could be old.
  CodeOrder: 'the byte order of what is decoded, made fit by every run',
  'Vcpu.aside': 'made fit by every run',
  'LooseDecoder.#slots': 'decoded instructions by their text',
  'AccessPlaces.#last': 'the address space that was used last',
  'Interpretation.#known': 'the block that was looked at last: forgotten by restore',
  'Interpretation.#knownForgotten': 'the same',
  'Interpretation.#locked': 'the same',
  'Vcpu.controlsOf': 'the block whose controls are in force: forgotten by restore',
  'Vcpu.#prefixArea': 'where the prefix area was found: forgotten by restore',
  'Vcpu.#looksAgain': 'the page of the next instruction is looked up: set by restore',
  'KvmVcpu.#reasons': 'what the block asks for follows from: forgotten by restore',
  'SieBlock.#controlsChanged': 'controls are to be put in force: set by restore',
  'InstructionCount.#limit': 'the limit that was asked for last',
  'InstructionCount.#limitHigh': 'half of it',
  'InstructionCount.#limitLow': 'half of it',
  DecodePages: 'decoded instructions',
  Tlb: 'translations',
  HostSpace: 'translations, and the access in hand',
  'Vcpu.context': 'which translations are in use',
  Bank: 'translations',
  'Ppc64Core.#bigWords': 'what instructions become in the decode cache, which depends on their words alone',
  'Ppc64Core.#littleWords': 'the same in the other byte order',
  KnownWords: 'what instructions become in the decode cache',
  'Slb.#changes': 'whether the last exit has saved what there is: all of it is saved anew behind a restore',
  'Slb.#savedAt': 'the same',
  'Slb.#savedTo': 'the same',

  // Saved by another name, or by another class that has it.
  'Registers.#enabled': 'found again from the controls by every entry',
  'BlockWindow.at': 'Interpretation saves the address that it comes from',
  'Vcpu.taken': 'saved by HvVcpu',
  'Vcpu.interruptLittle': 'saved by HvVcpu',
  'HcallLog.#counts': 'saved by counts()',
  'HcallLog.#kept': 'saved as last',
  'HcallLog.#total': 'how many last has',
  'Vcpu.stateOf': 'KvmVcpu says whether its vCPU has the state of its block',
  'MemoryMap.#linked': 'restored link by link',
  'MemoryMap.#linkedAbove': 'restored link by link',
  'InterceptLog.#counts': 'saved by the getter of its name',
  'InterceptLog.#instructions': 'saved by the getter of its name',
  'InterceptLog.#latest': 'one of them',
  'InterceptLog.#last': 'saved by last()',
  'InterceptLog.#kept': 'how many last() has',
  'InterceptLog.#next': 'the place in the ring, which is turned to its start',
  'FloatingInterrupts.#ioCount': 'counted at the restore',
  'KvmVm.#slots': 'saved by slots()',
  'IdentificationSink.#latest': 'saved by Sclp',
  'RingMemory.failed': 'saved by Virtqueue',

  // Wiring: who knows whom, and what lies behind a device; set when a machine is put together.
  'CpuComplex.absolute': 'wiring',
  'Frames.dirty': 'wiring',
  'Frames.watch': "a debugger's watchpoints",
  'CpuComplex.interprets': 'the shape of the machine, settled before it has a vCPU',
  'CpuComplex.blockStates': 'restored by Cmma',
  'S390xCore.#model': 'the shape of the machine, settled before it has a vCPU',
  'S390xCore.#told': 'the shape of the machine, settled before it has a vCPU',
  'S390xCore.#can': 'follows from the shape of the machine',
  'VmCpuModel.subfunctions': 'the shape of the machine, settled before it has a vCPU',
  'VmCpuModel.#features': 'the shape of the machine, settled before it has a vCPU',
  'KvmVm.gmap': 'a part of its own; replaced only before there is a vCPU',
  'KvmVm.#vcpus': 'parts of their own, made before anything runs',
  'KvmVcpu.#pinned': 'pinned anew, which changes nothing where it was',
  'MemoryMap.unlinked': 'wiring',
  'KvmVm.keysEnabled': 'what a user looks at',
  'KvmVm.#ecb3': 'in the state description of every vCPU',
  'CmmaDirty.#count': 'counted at the restore',
  'S390xCore.carriesOut': 'wiring',
  'S390xCore.stopAt': 'wiring',
  'Ppc64Core.stopAt': 'wiring',
  'Vcpu.callAtOnce': 'wiring',
  'Vcpu.goesOn': 'of the run in hand',
  'Vcpu.lpid': 'wiring',
  'Hpt.onChange': 'wiring',
  'Ppc64Guest.#description': 'the byte order of the image, which comes from outside',
  'Ppc64Guest.#request': 'what is loaded comes from outside',
  'Ppc64Guest.#again': 'a listener',
  'Ppc64Guest.#dumps': 'what a debugger fetches',
  'Vcpu.#core': 'wiring',
  'Vcpu.place': 'wiring',
  'Vcpu.inner': 'wiring',
  'Vcpu.innerSpace': 'wiring',
  'Vcpu.outer': 'wiring',
  'KvmVm.userSpace': 'wiring',
  'Ipl.#load': 'what is loaded comes from outside',
  'Ipl.onReipl': 'a listener',
  'EventFacility.commands': 'never changes',
  'GuestDevices.#shelf': 'what can be plugged comes from outside',
  'VirtioCcw.#port': 'wiring',

  // The host's and the debugger's, which no guest can see.
  'CpuComplex.keeper': 'set anew with the transactions',
  'CpuComplex.#events': 'who hears of events, a debugger',
  'Vcpu.events': 'who hears of events, a debugger',
  'CpuComplex.#stopsForEvent': 'of the run in hand, which ends because of it',
  'CpuComplex.events': 'what a debugger catches',
  'S390xCore.quickTests': "a debugger's conditions",
  'CpuComplex.pageKeeper': 'who goes back in the history of the guest',
  'DirtyLog.keeper': 'who goes back in the history of the guest',
  'Vcpu.lastProgram': 'what a report of a crash says besides',
  'KvmVm.debugLevel': 'what a debugger looks at',
  'S390xGuest.stops': "a debugger's breakpoints",
  'Ppc64Guest.stops': "a debugger's breakpoints",
  'S390xGuest.#symbols': 'files of the host',
  'S390xGuest.dumps': 'files that a debugger asked for',
  'Ipl.#plan': 'what is loaded comes from outside',
  'S390xGuest.restored': 'what a report says of the run',
  Patience: "the host's time",
  ConsoleEcho: 'what the host has shown of a console',
  Pace: "the host's time",
  RealTime: "the host's time",
  TraceRing: 'what a user looks at',
  MigrationSource: 'of the move in hand',
  MigrationDestination: 'of the move in hand',
  Attempt: 'of the move in hand',
  MessageReader: 'of the move in hand',
  InputLog: 'what came in before',
  InputQueue: 'what is still outside',
  'Courses.maker': 'wiring',
  'Machine.#running': 'whether the host runs the guest',
  'Machine.#fresh': 'whether a debugger has just resumed it',
  'Machine.#interrupted': 'what a debugger asked for',
  'Machine.#checked': "a debugger's breakpoints",
  'Machine.#paused': "the host's output",
  'Machine.#end': 'found anew when the guest is run',
  'Machine.#limits': 'of the run in hand',
  'Machine.#led': 'of the run in hand',
  Leading: 'of the run in hand',
  HostLoop: "the host's time",
  'Machine.betweenTurns': 'a listener',
  'Machine.onRestored': 'a listener',
  'Machine.#executing': 'of the run in hand',
  'Machine.onStop': 'a listener',
  'Machine.onEnd': 'a listener',
  'Machine.onFault': 'a listener',
  'Machine.debugged': 'whether a debugger is there',
};

interface Field {
  readonly name: string;
  readonly mutable: boolean;
}

interface ClassText {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly save: string | undefined;
  readonly restore: string | undefined;
}

const container = /\bnew (Map|Set|WeakMap|\w+Array)\b|=\s*\[\]|Array\.from/;

function classesOf({ text }: SourceFile): ClassText[] {
  const code = codeOf(text);
  return [...code.matchAll(/^(?:export )?class (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => ({
    name,
    fields: fieldsOf(body),
    save: methodOf(body, 'save'),
    restore: methodOf(body, 'restore') ?? methodOf(body, 'static of'),
  }));
}

// A field begins a line at the indentation of members, and has a type or a value before anything else.
function fieldsOf(body: string): Field[] {
  const member = /^ {2}((?:private |protected |declare )?)(static )?(readonly )?(#?\w+)(\??:|!:| =)([^\n]*)$/gm;
  return [...body.matchAll(member)]
    .filter(([, , isStatic]) => isStatic === undefined)
    .map(([, , , readonly, name = '', , rest = '']) => ({
      name,
      mutable: readonly === undefined || container.test(`=${rest}`) || container.test(rest),
    }));
}

function methodOf(body: string, name: string): string | undefined {
  const start = body.search(new RegExp(`^  ${name}\\(`, 'm'));
  if (start < 0) return undefined;
  const end = body.indexOf('\n  }', start);
  return body.slice(start, end);
}

// All of a class, or one of its fields.
function explained(place: string, reasons: Readonly<Record<string, string>>): boolean {
  return place in reasons || (place.split('.')[0] ?? '') in reasons;
}

/** Fields that change, that a run could depend on, and that nobody saves. */
function forgotten(files: readonly SourceFile[], reasons: Readonly<Record<string, string>>): string[] {
  return files
    .filter(({ path }) => rooms.test(path))
    .flatMap((file) => classesOf(file))
    .flatMap(({ name, fields, save, restore }) =>
      fields
        .filter(({ mutable }) => mutable)
        .filter((field) => !mentions(save, field.name) || !mentions(restore, field.name))
        .map((field) => `${name}.${field.name}`)
        .filter((place) => !explained(place, reasons)),
    );
}

function mentions(method: string | undefined, field: string): boolean {
  return method !== undefined && new RegExp(`(?<![\\w#])${field}\\b`).test(method);
}

test('every field that changes while a guest runs is saved and restored by its class, or is here with its reason', () => {
  expect(forgotten(sources('src'), unsaved)).toEqual([]);
});

test('there is no reason for what is not there, or is saved', () => {
  const places = new Set(forgotten(sources('src'), {}));
  const classes = new Set([...places].map((place) => place.split('.')[0]));
  expect(Object.keys(unsaved).filter((place) => !places.has(place) && !classes.has(place))).toEqual([]);
});

describe('the rule sees', () => {
  const file = (body: string): SourceFile[] => [{ path: 'machine/a.ts', text: `export class A {\n${body}}\n` }];
  const saves = (field: string): string => `  save(): number {\n    return this.${field};\n  }\n`;
  const restores = (field: string): string => `  restore(to: number): void {\n    this.${field} = to;\n  }\n`;

  test.each([
    ['a field that is saved and restored', `  #a = 0;\n${saves('#a')}${restores('#a')}`, []],
    ['one that is not saved', `  #a = 0;\n  b = 1;\n${saves('#a')}${restores('#a')}`, ['A.b']],
    ['one that is saved only', `  #a = 0;\n${saves('#a')}`, ['A.#a']],
    ['one whose name begins another’s', `  #a = 0;\n${saves('#ab')}${restores('#ab')}`, ['A.#a']],
    ['a container that is read-only itself', '  readonly a = new Map<string, number>();\n', ['A.a']],
    ['a read-only number', '  readonly a = 1;\n  readonly b: number;\n', []],
    ['one in a class without save', '  a: number | undefined;\n', ['A.a']],
    ['one in a comment', '  // a = 1;\n', []],
  ])('%s', (_, body, found) => {
    expect(forgotten(file(body), {})).toEqual(found);
  });
});
