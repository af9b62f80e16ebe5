import {
  type ElfOutSection,
  type ElfOutSymbol,
  ET,
  SHF,
  SHT,
  symbolSections,
  writeElf,
} from '../../../image/elf-writer.ts';
import { type CodeRange, debugFrame } from './kernel-frames.ts';

/** A name for an address of a running kernel or module. */
export interface GuestSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly text: boolean;
  readonly global: boolean;
}

/** A stretch of storage that symbols lie in. */
export interface SymbolArea {
  readonly name: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly text: boolean;
}

const EM_S390 = 22;
const identity = { type: ET.executable, machine: EM_S390 };

/**
 * An ELF file of symbols at the addresses where they are: nothing in it has contents but the symbol table and what
 * `frames` say of how to go up from places that have no frame of the compiler's.
 */
export function symbolElf(
  symbols: readonly GuestSymbol[],
  areas: readonly SymbolArea[],
  frames: readonly CodeRange[],
): Uint8Array {
  const sections = areas.map(
    ({ name, from, to, text }): ElfOutSection => ({
      name,
      type: SHT.nobits,
      flags: SHF.alloc | (text ? SHF.execute : SHF.write),
      address: from,
      size: to - from,
    }),
  );
  const sorted = [...symbols].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  const out = sorted.map((symbol, i) => placed(symbol, nextAddress(sorted, i), areas));
  return writeElf(identity, [...sections, ...frameSections(frames), ...symbolSections(out, sections)]);
}

/** An ELF file that says of ranges how to go up from there, and nothing else. */
export function frameElf(frames: readonly CodeRange[]): Uint8Array {
  // A debugger wants a file to have a place for its code.
  const text = { name: '.text', type: SHT.nobits, flags: SHF.alloc | SHF.execute, address: 0n, size: 0n };
  return writeElf(identity, [text, ...frameSections(frames)]);
}

function frameSections(frames: readonly CodeRange[]): readonly ElfOutSection[] {
  return frames.length === 0 ? [] : [{ name: '.debug_frame', type: SHT.progbits, bytes: debugFrame(frames) }];
}

// Of several names for one place all are as long as what lies there.
function nextAddress(sorted: readonly GuestSymbol[], i: number): bigint | undefined {
  const here = sorted[i]?.address;
  for (let k = i + 1; k < sorted.length; k++) if (sorted[k]?.address !== here) return sorted[k]?.address;
  return undefined;
}

function placed(symbol: GuestSymbol, next: bigint | undefined, areas: readonly SymbolArea[]): ElfOutSymbol {
  const area = areas.find(({ from, to }) => symbol.address >= from && symbol.address < to);
  const end = area === undefined || (next !== undefined && next < area.to) ? next : area.to;
  return {
    name: symbol.name,
    value: symbol.address,
    size: area === undefined || end === undefined ? 0n : end - symbol.address,
    kind: symbol.text ? 'function' : 'object',
    global: symbol.global,
    section: area?.name,
  };
}
