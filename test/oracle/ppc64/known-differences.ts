/** Where QEMU and this machine differ, and why that is so. */

/** Differences of some rows in some parts of their results. */
export interface KnownDifference {
  readonly rows: RegExp;
  /** Of the names of what differs. */
  readonly parts: RegExp;
  readonly why: string;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    rows: /^l[wdhq]arx$/,
    parts: /^dsisr/,
    why: 'DSISR of an alignment interruption may hold bits of the opcode, or nothing',
  },
  { rows: /^m[ft]xer$/, parts: /^(xer|r\d)/, why: 'bits 35-56 of XER are reserved: QEMU keeps them, POWER7 has none' },
  { rows: /^mtdsisr$/, parts: /^dsisr/, why: 'DSISR has 32 bits' },
  { rows: /^m[ft]spr$/, parts: /^srr1/, why: 'SPR 0, 4, 5, 6: an illegal instruction; QEMU says privileged' },
  { rows: /^rfid$/, parts: /^msr/, why: 'ME changes in hypervisor state alone; QEMU lets a guest change it' },
  { rows: /^rfid$/, parts: /^storage$/, why: "QEMU's gdb port looks through the translation that is on then" },
  {
    rows: /^divdeo?\.?$/,
    parts: /^(r\d|cr|xer)/,
    why: 'QEMU takes a signed quotient of 2^63 and more, whose magnitude fits 64 bits, for one that can be represented',
  },
  {
    rows: /^mfctrl$/,
    parts: /^r\d/,
    why: 'the run latch is on when a guest begins; in a new machine of QEMU it is off',
  },
  {
    rows: /^slbmfe[ev]$/,
    parts: /^r\d/,
    why: 'an entry that is not valid reads as zero; QEMU shows what is left in it',
  },
  {
    rows: /^f.*\.$/,
    parts: /^cr /,
    why: 'QEMU leaves CR field 1 alone when an enabled exception interrupts',
  },
  {
    rows: /^(x[sv])?f?n(madd|msub)/,
    parts: /^(vs\d|fpscr)/,
    why: 'the negative of what was rounded: QEMU rounds the negative, which differs when rounding goes up or down',
  },
  {
    rows: /^vexptefp$/,
    parts: /^vs/,
    why: 'a power that is too large is infinite; QEMU makes a number of some of them',
  },
  {
    rows: /^(fres?|frsqrtes?|x[sv]r(sqrt)?e)/,
    parts: /^(vs\d+ .*[3b]f[e0]00000|fpscr (4|.*[48]... here .*[59]...$))/,
    why: 'the reciprocal of a zero is infinite, whether that is enabled or not; QEMU gives 1/2',
  },
  {
    rows: /^bcd(add|sub)\.$/,
    parts: /^(cr .*2. here .*1.|vs\d+ [cf] here f{32})$/,
    why: 'QEMU takes numbers of different signs, one of them with a digit that is none, for equal ones',
  },
  { rows: /^mtvscr$/, parts: /^vscr/, why: 'VSCR has NJ and SAT; QEMU keeps every bit' },
  {
    rows: /^mfbescr[sr]u?$/,
    parts: /^r\d/,
    why: 'what sets and clears bits of BESCR reads as BESCR; to QEMU these are registers of their own',
  },
  { rows: /^mfudscr$/, parts: /^r\d/, why: 'QEMU begins with another value of DSCR' },
  {
    rows: /^dst(st)?$/,
    parts: /^(pc|msr|srr\d)/,
    why: 'streams of data were taken away again, and nothing is done for them; QEMU calls them illegal',
  },
  {
    rows: /^drrnd/,
    parts: /^(cr|fpscr [ef])/,
    why: 'QEMU takes a signaling NaN or a result out of range for one that is enabled when any rounding but to nearest is',
  },
  {
    rows: /^drsp/,
    parts: /^(vs\d+ [7f][ce]000000 |vs\d+ ([7f])c(.{6}) here \2e\3$|fpscr .*11... here (.*0)?1...$)/,
    why: 'of a NaN with more digits than there is room for the rightmost ones stay, and it stays signaling; QEMU leaves a quiet one',
  },
  {
    rows: /^drdpq/,
    parts: /^(cr |fpscr (.*0)?11... here)/,
    why: 'a signaling NaN of more digits than there is room for is one, too; to QEMU it is quiet',
  },
  {
    rows: /^drdpq/,
    parts: /^vs/,
    why: 'the result is in the first register of the pair, where compilers look for it; QEMU has it in the second',
  },
  { rows: /^mffs\.?$/, parts: /^vs/, why: "QEMU's gdb port takes 32 bits of FPSCR and sets 64" },
];
