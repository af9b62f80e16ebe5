/** Special-purpose registers of a POWER7 (Power ISA, Books I to III-S, "SPR") as a guest below a hypervisor has them. */

import type { Slot } from '../../../ir/node.ts';
import { slots } from './state-layout.ts';

/** Who may use a register: everybody, supervisor state, the hypervisor alone, nobody. */
export type SprAccess = 'user' | 'supervisor' | 'hypervisor' | 'nobody';

/** A register by number. */
export interface SprRow {
  readonly number: number;
  readonly name: string;
  readonly read: SprAccess;
  readonly write: SprAccess;
  /** Where it lies, when reading and writing it is no more than that. */
  readonly slot?: Slot;
  /** Where it is read, when only writing it is more than that. */
  readonly readSlot?: Slot;
  /** The facility that it belongs to, which may be kept from its user. */
  readonly facility?: 'dscr' | 'tm' | 'ebb' | 'tar';
}

const plain = (
  number: number,
  name: string,
  slot: Slot,
  read: SprAccess = 'supervisor',
  write: SprAccess = read,
): SprRow => ({ number, name, read, write, slot });
const made = (number: number, name: string, read: SprAccess, write: SprAccess, readSlot?: Slot): SprRow => ({
  ...{ number, name, read, write },
  ...(readSlot === undefined ? {} : { readSlot }),
});
const hypervisor = (number: number, name: string): SprRow => made(number, name, 'hypervisor', 'hypervisor');

/** All of them but LR, CTR and XER, which are instructions of their own. */
export const sprs: readonly SprRow[] = [
  made(13, 'UAMR', 'user', 'user', slots.amr),
  plain(17, 'DSCR', slots.dscr),
  plain(18, 'DSISR', slots.dsisr),
  plain(19, 'DAR', slots.dar),
  made(22, 'DEC', 'supervisor', 'supervisor'),
  hypervisor(25, 'SDR1'),
  plain(26, 'SRR0', slots.srr0),
  plain(27, 'SRR1', slots.srr1),
  plain(28, 'CFAR', slots.cfar),
  made(29, 'AMR', 'supervisor', 'supervisor', slots.amr),
  plain(136, 'CTRL', slots.ctrl, 'user', 'nobody'),
  made(152, 'CTRLT', 'nobody', 'supervisor'),
  plain(157, 'UAMOR', slots.uamor),
  plain(256, 'VRSAVE', slots.vrsave, 'user'),
  plain(259, 'USPRG3', slots.sprg3, 'user', 'nobody'),
  made(268, 'TB', 'user', 'nobody'),
  made(269, 'TBU', 'user', 'nobody'),
  plain(272, 'SPRG0', slots.sprg0),
  plain(273, 'SPRG1', slots.sprg1),
  plain(274, 'SPRG2', slots.sprg2),
  plain(275, 'SPRG3', slots.sprg3),
  hypervisor(284, 'TBL'),
  hypervisor(285, 'TBU'),
  made(287, 'PVR', 'supervisor', 'nobody'),
  hypervisor(304, 'HSPRG0'),
  hypervisor(305, 'HSPRG1'),
  hypervisor(306, 'HDSISR'),
  hypervisor(307, 'HDAR'),
  made(308, 'SPURR', 'supervisor', 'hypervisor'),
  made(309, 'PURR', 'supervisor', 'hypervisor'),
  hypervisor(310, 'HDEC'),
  hypervisor(312, 'RMOR'),
  hypervisor(313, 'HRMOR'),
  hypervisor(314, 'HSRR0'),
  hypervisor(315, 'HSRR1'),
  hypervisor(318, 'LPCR'),
  hypervisor(319, 'LPIDR'),
  hypervisor(336, 'HMER'),
  hypervisor(337, 'HMEER'),
  hypervisor(338, 'PCR'),
  hypervisor(339, 'HEIR'),
  hypervisor(349, 'AMOR'),
  plain(770, 'UMMCRA', slots.mmcra, 'user', 'nobody'),
  ...[1, 2, 3, 4, 5, 6].map((n) => made(770 + n, `UPMC${n}`, 'user', 'nobody')),
  plain(779, 'UMMCR0', slots.mmcr0, 'user', 'nobody'),
  plain(780, 'USIAR', slots.siar, 'user', 'nobody'),
  plain(781, 'USDAR', slots.sdar, 'user', 'nobody'),
  plain(782, 'UMMCR1', slots.mmcr1, 'user', 'nobody'),
  plain(786, 'MMCRA', slots.mmcra),
  ...[1, 2, 3, 4, 5, 6].map((n) => made(786 + n, `PMC${n}`, 'supervisor', 'supervisor')),
  made(795, 'MMCR0', 'supervisor', 'supervisor', slots.mmcr0),
  plain(796, 'SIAR', slots.siar),
  plain(797, 'SDAR', slots.sdar),
  made(798, 'MMCR1', 'supervisor', 'supervisor', slots.mmcr1),
  plain(896, 'PPR', slots.ppr, 'user'),
  hypervisor(1013, 'DABR'),
  hypervisor(1015, 'DABRX'),
  plain(1023, 'PIR', slots.pir, 'supervisor', 'nobody'),
];

/** Those that POWER8 has besides. */
export const power8Sprs: readonly SprRow[] = [
  { ...plain(3, 'UDSCR', slots.dscr, 'user'), facility: 'dscr' },
  plain(61, 'IAMR', slots.iamr),
  ...[128, 129, 130, 131].map(
    (number): SprRow => ({ ...made(number, `TM${number}`, 'user', 'user', slots.fscr), facility: 'tm' }),
  ),
  plain(153, 'FSCR', slots.fscr),
  plain(159, 'PSPB', slots.pspb),
  hypervisor(176, 'DPDES'),
  hypervisor(180, 'DAWR'),
  hypervisor(186, 'RPR'),
  hypervisor(187, 'CIABR'),
  hypervisor(188, 'DAWRX'),
  hypervisor(190, 'HFSCR'),
  plain(768, 'USIER', slots.sier, 'user', 'nobody'),
  plain(769, 'UMMCR2', slots.mmcr2, 'user', 'nobody'),
  plain(784, 'SIER', slots.sier),
  made(785, 'MMCR2', 'supervisor', 'supervisor', slots.mmcr2),
  ...(['BESCRS', 'BESCRSU', 'BESCRR', 'BESCRRU'] as const).map(
    (name, n): SprRow => ({ ...made(800 + n, name, 'user', 'user', slots.bescr), facility: 'ebb' }),
  ),
  { ...plain(804, 'EBBHR', slots.ebbhr, 'user'), facility: 'ebb' },
  { ...plain(805, 'EBBRR', slots.ebbrr, 'user'), facility: 'ebb' },
  { ...made(806, 'BESCR', 'user', 'user', slots.bescr), facility: 'ebb' },
  { ...plain(815, 'TAR', slots.tar, 'user'), facility: 'tar' },
  // What problem state may set of the performance monitor.
  made(769, 'UMMCR2', 'nobody', 'user'),
  ...[1, 2, 3, 4, 5, 6].map((n) => made(770 + n, `UPMC${n}`, 'nobody', 'user')),
  made(779, 'UMMCR0', 'nobody', 'user'),
  made(446, 'TIR', 'supervisor', 'nobody'),
  made(848, 'IC', 'supervisor', 'hypervisor'),
  made(849, 'VTB', 'supervisor', 'hypervisor'),
];
