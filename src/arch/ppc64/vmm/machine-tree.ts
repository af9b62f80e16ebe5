import type { GuestIdentity } from '../../../wing/wing.ts';
import { TIMEBASE_FREQUENCY } from '../cpu/clock.ts';
import type { CpuModel } from '../cpu/model.ts';
import { flatten, type PropertyValue, type TreeNode } from './device-tree.ts';
import { rtasTokens } from './rtas-tokens.ts';

/** Where the parts of a machine lie that its kernel is told of. */
export interface MachineMap {
  readonly memory: number;
  readonly vcpus: number;
  readonly model: CpuModel;
  readonly hptOrder: number;
  readonly rtas: number;
  readonly commandLine: string;
  /** How the guest is called, as far as it is. */
  readonly identity?: GuestIdentity | undefined;
  readonly initrd?: { readonly at: number; readonly end: number } | undefined;
}

/** Bytes that are reserved for RTAS and the tree. */
export const FIRMWARE_BYTES = 0x10_0000;
const RTAS_BYTES = 0x1000;
export const VTY_ADDRESS = 0x7100_0000;
/** Interruption source of the console. */
export const VTY_SOURCE = 0x1100;
const XICS_PHANDLE = 0x1111;

const hypertas = [
  'hcall-pft',
  'hcall-term',
  'hcall-interrupt',
  'hcall-bulk',
  'hcall-vio',
  'hcall-sprg0',
  'hcall-dabr',
  'hcall-set-mode',
] as const;

/** Base and actual sizes of pages, with their codes: 4 KiB, 64 KiB, 16 MiB. */
const pageSizes = [12, 0, 1, 12, 0, 16, 0x110, 1, 16, 1, 24, 0x100, 1, 24, 0] as const;

/** The device tree of a machine: what a Linux kernel needs to start without firmware. */
export function machineTree(map: MachineMap): Uint8Array {
  const high = Math.floor(map.memory / 2 ** 32);
  const chosen: Record<string, PropertyValue> = {
    bootargs: map.commandLine,
    'linux,stdout-path': `/vdevice/vty@${VTY_ADDRESS.toString(16)}`,
    'stdout-path': `/vdevice/vty@${VTY_ADDRESS.toString(16)}`,
  };
  if (map.initrd !== undefined) {
    chosen['linux,initrd-start'] = [map.initrd.at];
    chosen['linux,initrd-end'] = [map.initrd.end];
  }
  const root: TreeNode = {
    name: '',
    properties: {
      ...{ '#address-cells': [2], '#size-cells': [2], device_type: 'chrp' },
      // Programs tell the machine of PAPR guests by the name that QEMU gave it.
      ...{ compatible: ['guestscope,pseries', 'qemu,pseries'], model: `guestscope ${map.model.name} guest` },
      ...identityProperties(map.identity),
    },
    children: [
      { name: 'chosen', properties: chosen },
      { name: 'rtas', properties: rtasProperties(map.rtas) },
      { name: 'hypervisor', properties: { compatible: 'linux,kvm' } },
      { name: 'cpus', properties: { '#address-cells': [1], '#size-cells': [0] }, children: cpus(map) },
      {
        name: 'vdevice',
        properties: {
          ...{ device_type: 'vdevice', compatible: 'IBM,vdevice', '#address-cells': [1], '#size-cells': [0] },
          ...{ '#interrupt-cells': [2], 'interrupt-controller': true },
        },
        children: [
          {
            name: `vty@${VTY_ADDRESS.toString(16)}`,
            properties: {
              ...{ device_type: 'serial', compatible: 'hvterm1', reg: [VTY_ADDRESS], interrupts: [VTY_SOURCE, 0] },
            },
          },
        ],
      },
      { name: 'memory@0', properties: { device_type: 'memory', reg: [0, 0, high, map.memory >>> 0] } },
      {
        name: 'interrupt-controller',
        properties: {
          ...{ device_type: 'PowerPC-External-Interrupt-Presentation', compatible: 'IBM,ppc-xicp' },
          ...{ 'interrupt-controller': true, '#interrupt-cells': [2], phandle: [XICS_PHANDLE] },
          'linux,phandle': [XICS_PHANDLE],
          'ibm,interrupt-server-ranges': [0, map.vcpus],
        },
      },
    ],
  };
  return flatten(root, [{ address: map.rtas, length: FIRMWARE_BYTES }]);
}

// LoPAPR, "ibm,partition-name"; the UUID under the names by which Linux and QEMU know it.
function identityProperties({ name, uuid }: GuestIdentity = {}): TreeNode['properties'] {
  const text =
    uuid &&
    Buffer.from(uuid)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return {
    ...(name === undefined ? {} : { 'ibm,partition-name': name }),
    ...(text === undefined ? {} : { 'system-id': text, 'vm,uuid': text }),
  };
}

function rtasProperties(at: number): TreeNode['properties'] {
  const tokens = Object.entries(rtasTokens).map(([name, token]): [string, PropertyValue] => [name, [token]]);
  return {
    ...{ 'linux,rtas-base': [at], 'linux,rtas-entry': [at], 'rtas-size': [RTAS_BYTES] },
    ...{ 'rtas-error-log-max': [0x800], 'rtas-event-scan-rate': [0] },
    ...Object.fromEntries(tokens),
    'ibm,extended-os-term': true,
    'ibm,hypertas-functions': hypertas,
  };
}

function cpus({ vcpus, model, hptOrder }: MachineMap): TreeNode[] {
  const line = 128;
  return Array.from({ length: vcpus }, (_, id) => ({
    name: `${model.node}@${id.toString(16)}`,
    properties: {
      ...{ device_type: 'cpu', reg: [id], status: 'okay', 'cpu-version': [model.pvr], '64-bit': true },
      ...{ 'timebase-frequency': [TIMEBASE_FREQUENCY], 'clock-frequency': [1_000_000_000] },
      ...{ 'd-cache-block-size': [line], 'd-cache-line-size': [line], 'd-cache-size': [0x8000] },
      ...{ 'i-cache-block-size': [line], 'i-cache-line-size': [line], 'i-cache-size': [0x8000] },
      'ibm,ppc-interrupt-server#s': [id],
      'ibm,ppc-interrupt-gserver#s': [id, 0],
      'ibm,pft-size': [0, hptOrder],
      ...{ 'slb-size': [32], 'ibm,slb-size': [32] },
      'ibm,segment-page-sizes': pageSizes,
      'ibm,processor-segment-sizes': [0x1c, 0x28, 0xffff_ffff, 0xffff_ffff],
      ...{ 'ibm,vmx': [2], 'ibm,dfp': [1] },
      'ibm,pa-features': Uint8Array.from(model.features),
    },
  }));
}
