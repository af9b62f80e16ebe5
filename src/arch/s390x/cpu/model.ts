/** CPU models: which machine a guest takes its own for, and which facilities it finds there. */

import { err, ok, type Result } from '../../../bits/result.ts';
import { announcedOf, excludedBy, type Facility, facilityBits, impliedBy, installed } from './facilities.ts';

/** What tells machines apart besides their facilities. */
export interface MachineType {
  /** Four digits, as STIDP and STSI have them. */
  readonly type: string;
  /** Bits of the largest absolute address that a guest of this machine is told of. */
  readonly addressPower: number;
}

/** A CPU model. */
export interface CpuModel {
  readonly machine: MachineType;
  readonly facilities: ReadonlySet<number>;
  /** The guest may say what it needs of its storage: collaborative memory management, which is no facility. */
  readonly cmm?: boolean;
  /** False when the guest is to be no hypervisor: it has no START INTERPRETIVE EXECUTION. */
  readonly sief2?: boolean;
}

interface Generation {
  readonly name: string;
  readonly machine: MachineType;
  /** Facilities that came with it. */
  readonly brings: readonly Facility[];
}

/** Oldest first: each has all that those before it have. */
const generations = [
  { name: 'zEC12', machine: { type: '2827', addressPower: 44 }, brings: [] },
  {
    name: 'z13',
    machine: { type: '2964', addressPower: 47 },
    brings: ['zenterprise-z13', 'message-security-assist-5', 'dfp-packed-conversion', 'vector'],
  },
  {
    name: 'z14',
    machine: { type: '3906', addressPower: 47 },
    brings: [
      'miscellaneous-extensions-2',
      'instruction-execution-protection',
      'side-effect-access',
      'guarded-storage',
      'vector-packed-decimal',
      'vector-enhancements-1',
      'message-security-assist-8',
      'multiple-epoch',
    ],
  },
  {
    name: 'z15',
    machine: { type: '8561', addressPower: 47 },
    brings: [
      'miscellaneous-extensions-3',
      'vector-enhancements-2',
      'vector-packed-decimal-enhancement',
      'message-security-assist-9',
    ],
  },
  {
    name: 'z16',
    machine: { type: '3931', addressPower: 47 },
    brings: ['vector-packed-decimal-enhancement-2', 'bear-enhancement'],
  },
  {
    name: 'z17',
    machine: { type: '9175', addressPower: 47 },
    brings: ['miscellaneous-extensions-4', 'vector-enhancements-3'],
  },
] as const satisfies readonly Generation[];

/** The newest machine. */
const newest = generations[generations.length - 1] as Generation;
/** Everything that there is. */
export const maxModel: CpuModel = { machine: newest.machine, facilities: new Set(installed) };

/** Facilities that can be switched, by the names that QEMU's CPU models have for them, where they have one. */
const features: Readonly<Record<string, Facility>> = {
  edat: 'edat-1',
  edat2: 'edat-2',
  msa: 'message-security-assist',
  msa3: 'message-security-assist-3',
  msa4: 'message-security-assist-4',
  msa5: 'message-security-assist-5',
  msa8: 'message-security-assist-8',
  msa9: 'message-security-assist-9',
  asnlxr: 'asn-and-lx-reuse',
  cmpsceh: 'cmpsc-enhancement',
  ctop: 'topology',
  hfpm: 'hfp-multiply-add',
  hfpue: 'hfp-unnormalized',
  dfp: 'dfp',
  pfpo: 'pfpo',
  skr: 'storage-key-removal',
  dfpzc: 'dfp-zoned-conversion',
  dfppc: 'dfp-packed-conversion',
  sthyi: 'hypervisor-information',
  stfle45: 'zenterprise-196',
  stfle49: 'zenterprise-ec12',
  te: 'transactional-execution',
  cte: 'constrained-transactional-execution',
  stfle53: 'zenterprise-z13',
  minste2: 'miscellaneous-extensions-2',
  minste3: 'miscellaneous-extensions-3',
  minste4: 'miscellaneous-extensions-4',
  iep: 'instruction-execution-protection',
  sea_esop2: 'side-effect-access',
  beareh: 'bear-enhancement',
  gs: 'guarded-storage',
  mepoch: 'multiple-epoch',
  tods: 'tod-clock-steering',
  vx: 'vector',
  vxeh: 'vector-enhancements-1',
  vxeh2: 'vector-enhancements-2',
  vxeh3: 'vector-enhancements-3',
  vxpd: 'vector-packed-decimal',
  vxpdeh: 'vector-packed-decimal-enhancement',
  vxpdeh2: 'vector-packed-decimal-enhancement-2',
};

/** Switches of what is no facility, as they are when nothing is said. */
const others: Readonly<Record<string, boolean>> = { cmm: false, sief2: true };
const switchNames: readonly string[] = [...Object.keys(features), ...Object.keys(others)].sort();

const modelNames = [...generations.map(({ name }) => name), 'max'];

function facilitiesOf(name: string): Set<number> {
  const place = generations.findIndex((g) => g.name === name);
  const later: readonly Generation[] = place < 0 ? [] : generations.slice(place + 1);
  const missing = new Set<number>(later.flatMap(({ brings }) => brings.map((f) => facilityBits[f])));
  return new Set(installed.filter((bit) => !missing.has(bit)));
}

/**
 * The model that `text` asks for: a name, and switches such as `vx=off` behind it, with commas. Facilities that need one that is
 * switched off go with it. The reason, for people, when there is no such model.
 */
export function cpuModel(text: string): Result<CpuModel, string> {
  const [name = '', ...switches] = text.split(',');
  const machine = name === 'max' ? newest.machine : generations.find((g) => g.name === name)?.machine;
  if (machine === undefined) return err(`there is no CPU model ${name || '""'}: give ${modelNames.join(', ')}`);
  const facilities = facilitiesOf(name);
  const wanted: [feature: string, bit: number][] = [];
  const changed: Record<string, boolean> = {};
  for (const word of switches) {
    const [, feature = '', value] = /^(\w+)=(on|off)$/.exec(word) ?? [];
    const usual = value === undefined ? undefined : others[feature];
    if (usual !== undefined) {
      if ((value === 'on') === usual) delete changed[feature];
      else changed[feature] = !usual;
      continue;
    }
    const facility = features[feature];
    if (facility === undefined) {
      return err(`${word || '""'} is no switch: write FEATURE=on or FEATURE=off with ${switchNames.join(', ')}`);
    }
    const bit = facilityBits[facility];
    if (value === 'on') {
      wanted.push([feature, bit]);
      facilities.add(bit);
      for (const gone of excludedBy(bit)) facilities.delete(gone);
    } else for (const gone of [bit, ...impliedBy(bit)]) facilities.delete(gone);
  }
  const told = announcedOf(facilities);
  const alone = wanted.find(([, bit]) => facilities.has(bit) && !told.has(bit));
  if (alone !== undefined) return err(`${alone[0]}=on needs another facility that ${text} does not have`);
  return ok({ machine, facilities, ...changed });
}
