/** PoP, "Control Instructions": LOAD ADDRESS SPACE PARAMETERS. */

import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { type AddressSpace, asnTranslation, isAuthorized, replacedBySubspace } from '../../dat/asn.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { INSTANCE, loadAsce, MIDDLE, NUMBER, requireAsnTranslation, reuses, wantsEvent } from './spaces.ts';

/** Bits of the second-operand address. */
const control = { translate: 4, useIndex: 2, skipAuthority: 1 } as const;

/** What the first operand wants. The instances are those of ASN and LX reuse. */
interface Wanted {
  readonly keyMask: bigint;
  readonly index: number;
  readonly primary: number;
  readonly secondary: number;
  readonly instances: { readonly primary: bigint; readonly secondary: bigint } | undefined;
}

/** A space as a control register has it. */
interface Found {
  readonly asce: bigint;
  readonly instance: bigint;
}

/** The space of a number and instance, undefined when there is none that can be had. */
function translated(
  vcpu: Vcpu,
  asn: number,
  instance: bigint | undefined,
): (Found & { space: AddressSpace }) | undefined {
  const found = asnTranslation(vcpu, vcpu.place, asn);
  if (!found.ok) return found.error === PGM.addressing ? vcpu.raise(found.error) : undefined;
  const space = found.value;
  if (instance !== undefined && BigInt(space.instance) !== instance) return undefined;
  const asce = replacedBySubspace(vcpu, vcpu.place, space);
  if (!asce.ok) return asce.error === PGM.addressing ? vcpu.raise(asce.error) : undefined;
  return { asce: asce.value, instance: instance ?? 0n, space };
}

/** The new primary space and authorization index, or the condition code that there is in their place. */
type Primary = Found & { readonly origin: bigint; readonly index: number };

function primaryOf(vcpu: Vcpu, wanted: Wanted, controls: number): Primary | 1 | 3 {
  const cr4 = vcpu.cr(4);
  const isCurrent = BigInt(wanted.primary) === (cr4 & NUMBER);
  if (isCurrent && (controls & control.translate) === 0) {
    const index = Number((cr4 & MIDDLE) >> 16n);
    return { asce: vcpu.cr(1), instance: cr4 >> 32n, origin: vcpu.cr(5) & ~INSTANCE, index };
  }
  const found = translated(vcpu, wanted.primary, wanted.instances?.primary);
  if (found === undefined) return 1;
  if (wantsEvent(vcpu.cr(1), found.space.asce)) return 3;
  return { ...found, origin: BigInt(found.space.origin), index: found.space.authorizationIndex };
}

function secondaryOf(vcpu: Vcpu, wanted: Wanted, primary: Primary, controls: number): Found | undefined {
  if (wanted.secondary === wanted.primary) return primary;
  const cr3 = vcpu.cr(3);
  const asItIs = (controls & control.translate) === 0 && (controls & control.skipAuthority) !== 0;
  if (asItIs && BigInt(wanted.secondary) === (cr3 & NUMBER)) return { asce: vcpu.cr(7), instance: cr3 >> 32n };
  const found = translated(vcpu, wanted.secondary, wanted.instances?.secondary);
  if (found === undefined || (controls & control.skipAuthority) !== 0) return found;
  const authorized = isAuthorized(vcpu, vcpu.place, found.space, { index: primary.index, secondary: true });
  if (!authorized.ok) return vcpu.raise(authorized.error);
  return authorized.value ? found : undefined;
}

function load(vcpu: Vcpu, wanted: Wanted, controls: number): number {
  const found = primaryOf(vcpu, wanted, controls);
  if (typeof found === 'number') return found;
  const primary = (controls & control.useIndex) !== 0 ? { ...found, index: wanted.index } : found;
  const secondary = secondaryOf(vcpu, wanted, primary, controls);
  if (secondary === undefined) return 2;
  const withInstances = wanted.instances !== undefined;
  const high = (n: number, instance: bigint): bigint => (withInstances ? instance << 32n : vcpu.cr(n) & INSTANCE);
  loadAsce(vcpu, 1, primary.asce);
  vcpu.setCr(3, high(3, secondary.instance) | (wanted.keyMask << 16n) | BigInt(wanted.secondary));
  vcpu.setCr(4, high(4, primary.instance) | (BigInt(primary.index) << 16n) | BigInt(wanted.primary));
  vcpu.setCr(5, (vcpu.cr(5) & INSTANCE) | primary.origin);
  loadAsce(vcpu, 7, secondary.asce);
  vcpu.selectSpaces();
  return 0;
}

const parameters = { params: ['i64', 'i64', 'i32'], result: 'i32' } as const;
const loadParameters = helper(
  'loadAddressSpaceParameters',
  { ...parameters, effects: { fetches: true, faults: true, ends: true } },
  (vcpu, first, second, controls) => {
    const half = (value: bigint, from: bigint): number => Number((value >> from) & NUMBER);
    const word = (value: bigint): bigint => BigInt.asUintN(64, value) >> 32n;
    const wanted = reuses(vcpu)
      ? {
          keyMask: (first >> 16n) & NUMBER,
          secondary: half(first, 0n),
          index: half(second, 16n),
          primary: half(second, 0n),
          instances: { primary: word(second), secondary: word(first) },
        }
      : {
          keyMask: (first >> 48n) & NUMBER,
          secondary: half(first, 32n),
          index: half(first, 16n),
          primary: half(first, 0n),
          instances: undefined,
        };
    return load(vcpu, wanted, controls);
  },
);

const reuse = helper('reusesAddressSpaces', { params: [], result: 'i32', effects: {} }, (vcpu) =>
  reuses(vcpu) ? 1 : 0,
);
const mayTranslate = helper(
  'requireAsnTranslation',
  { params: [], result: undefined, effects: { faults: true } },
  requireAsnTranslation,
);

function loadAddressSpaceParameters($: Sem, f: Parameters<Sem['address1']>[0] & Parameters<Sem['address2']>[0]): void {
  $.privileged();
  $.callVoid(mayTranslate);
  const address = $.address1(f);
  $.requireAligned(address, 8);
  const controls = $.wrap($.address2(f).at);
  const first = $.fetch64(address);
  // With reuse there is a second doubleword.
  $.when(
    $.call(reuse),
    () => $.setCc($.call(loadParameters, first, $.fetch64($.offset(address, 8n)), controls)),
    () => $.setCc($.call(loadParameters, first, 0n, controls)),
  );
}

/** Spaces, key mask and authorization index at once, with a condition code in place of most exceptions. */
export const addressSpaceParameterRows: readonly Row[] = [
  insn(
    'LASP',
    { op: 0xe500, fmt: 'SSE', title: 'LOAD ADDRESS SPACE PARAMETERS', facility: 'zarch' },
    loadAddressSpaceParameters,
  ),
];
