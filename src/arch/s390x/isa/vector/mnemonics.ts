/** Names of vector instructions as the assembler writes them: with element size, format and flags in the mnemonic. */

/** A mask field of the format. */
type Mask = 'm3' | 'm4' | 'm5' | 'm6';
type Values = (mask: Mask) => number;

/** A mnemonic, and the mask operands that it leaves over. */
export interface Named {
  readonly mnemonic: string;
  readonly operands: readonly number[];
}

/** How the assembler names an instruction. */
interface Form {
  /** Masks that are operands of the plain mnemonic; others must be zero. */
  readonly masks: readonly Mask[];
  /** Undefined when the plain mnemonic is the only one. */
  name?(stem: string, value: Values): Named | undefined;
}

const named = (mnemonic: string, ...operands: readonly number[]): Named => ({ mnemonic, operands });

/** Masks that are shown as numbers, and nothing else. */
const numbers = (...masks: readonly Mask[]): Form => ({ masks });
/** A number that is left out when it is zero. */
const optional = (mask: Mask): Form => ({
  masks: [mask],
  name: (stem, value) => (value(mask) === 0 ? named(stem) : undefined),
});

type Suffixes = readonly (string | undefined)[];
const none = undefined;
const bh: Suffixes = ['b', 'h'];
const bhf: Suffixes = ['b', 'h', 'f'];
const bhfg: Suffixes = ['b', 'h', 'f', 'g'];
const bhfgq: Suffixes = ['b', 'h', 'f', 'g', 'q'];
const fgq: Suffixes = [none, none, 'f', 'g', 'q'];
const hf: Suffixes = [none, 'h', 'f'];
const hfg: Suffixes = [none, 'h', 'f', 'g'];
const hfgq: Suffixes = [none, 'h', 'f', 'g', 'q'];
const fg: Suffixes = [none, none, 'f', 'g'];
const q: Suffixes = [none, none, none, none, 'q'];
/** Where `h` alone would be another instruction. */
const withHalfword: Suffixes = ['b', 'hw', 'f', 'g', 'q'];
/** The same, without quadwords. */
const lowHalf: Suffixes = ['b', 'hw', 'f', 'g'];

/** The element size behind the stem. */
const sized = (mask: Mask, suffixes: Suffixes): Form => ({
  masks: [mask],
  name(stem, value) {
    const suffix = suffixes[value(mask)];
    return suffix === undefined ? undefined : named(stem + suffix);
  },
});

/** The element size, and an `s` when the condition code is set. */
const comparing = (suffixes: Suffixes): Form => ({
  masks: ['m4', 'm5'],
  name(stem, value) {
    const suffix = suffixes[value('m4')];
    const flags = value('m5');
    return suffix === undefined || flags > 1 ? undefined : named(`${stem}${suffix}${flags === 1 ? 's' : ''}`);
  },
});

/**
 * Strings: the element size, `z` in front of it for a search for zero, `s` behind it when the condition code is set. Of the
 * flags, `known` have a place in the name; `alone`, when no others are one.
 */
const searching = (size: Mask, flagMask: Mask, known: number, alone = true): Form => ({
  masks: [size, flagMask],
  name(stem, value) {
    const suffix = bhf[value(size)];
    const flags = value(flagMask);
    if (suffix === undefined) return flags === 0 ? named(stem, value(size)) : undefined;
    const inName = alone && (flags & ~known) !== 0 ? 0 : flags & known;
    const left = flags & ~inName;
    const mnemonic = `${stem}${(inName & 2) !== 0 ? 'z' : ''}${suffix}${(inName & 1) !== 0 ? 's' : ''}`;
    return left === 0 ? named(mnemonic) : named(mnemonic, left);
  },
});

const SINGLE = 8;
const binary: Suffixes = [none, none, 'sb', 'db', 'xb'];

/** The format behind the stem. With a single element the name begins with `w`, and only so are there extended operands. */
function inFormat(stem: string, suffixes: Suffixes, format: number, isSingle: boolean): string | undefined {
  const suffix = suffixes[format];
  if (suffix === undefined || (format === 4 && !isSingle)) return undefined;
  return isSingle ? `w${stem.slice(1)}${suffix}` : stem + suffix;
}

/** Format, and one element or all; `rest` are shown. */
const floating = (format: Mask, single: Mask, suffixes = binary, ...rest: readonly Mask[]): Form => ({
  masks: [...new Set([format, single, ...rest])].sort(),
  name(stem, value) {
    const how = value(single);
    const mnemonic = how % SINGLE === 0 ? inFormat(stem, suffixes, value(format), how === SINGLE) : undefined;
    return mnemonic === undefined ? undefined : named(mnemonic, ...rest.map(value));
  },
});

/** Rounding: beside the one that tells of a single element M4 has flags, and M5 the mode. */
const rounding = (suffixes: Suffixes, sizedStem?: (format: number) => string | undefined): Form => ({
  masks: ['m3', 'm4', 'm5'],
  name(stem, value) {
    const format = value('m3');
    const flags = value('m4');
    const from = sizedStem === undefined ? stem : (sizedStem(format) ?? stem);
    const mnemonic = inFormat(from, suffixes, format, (flags & SINGLE) !== 0);
    return mnemonic === undefined ? undefined : named(mnemonic, flags & ~SINGLE, value('m5'));
  },
});
/** A conversion between binary and fixed: the letters of both sizes are in the name. */
const converting = (short: string, long: string): Form =>
  rounding([none, none, '', ''], (format) => [none, none, short, long][format]);

const comparisonOfNumbers: Form = {
  masks: ['m4', 'm5', 'm6'],
  name(stem, value) {
    const [how, flags] = [value('m5'), value('m6')];
    if (how % 4 !== 0 || flags > 1) return undefined;
    const signalling = (how & 4) !== 0 ? stem.replace('vfc', 'vfk') : stem;
    const mnemonic = inFormat(signalling, binary, value('m4'), (how & SINGLE) !== 0);
    return mnemonic === undefined ? undefined : named(`${mnemonic}${flags === 1 ? 's' : ''}`);
  },
};

const scalar: Form = {
  masks: ['m3', 'm4'],
  name(stem, value) {
    const suffix = binary[value('m3')];
    return suffix === undefined || value('m4') !== 0 ? undefined : named(stem + suffix);
  },
};

const signOperation: Form = {
  masks: ['m3', 'm4', 'm5'],
  name(stem, value) {
    const [how, operation] = [value('m4'), value('m5')];
    if (how % SINGLE !== 0) return undefined;
    const known = ['vflc', 'vfln', 'vflp'][operation];
    const mnemonic = inFormat(known ?? stem, binary, value('m3'), how === SINGLE);
    if (mnemonic === undefined) return undefined;
    return known === undefined ? named(mnemonic, operation) : named(mnemonic);
  },
};

/** Other names for the leftmost element, which is a floating-point register. */
const storeReversed = (name: string): Form => ({
  masks: ['m3'],
  name: (_, value) => (value('m3') === 0 ? named(name) : undefined),
});

const loadReversed: Form = {
  masks: ['m3'],
  name(stem, value) {
    const other = { 1: `${stem}h`, 2: `${stem}f`, 3: 'ldrv', 6: 'lerv' }[value('m3')];
    return other === undefined ? undefined : named(other);
  },
};

/** The element size, and a number. */
const dividing: Form = {
  masks: ['m4', 'm5'],
  name(stem, value) {
    const suffix = fgq[value('m4')];
    return suffix === undefined ? undefined : named(stem + suffix, value('m5'));
  },
};

const multiplySum: Form = {
  masks: ['m5', 'm6'],
  name: (stem, value) => (value('m5') === 3 ? named(`${stem}g`, value('m6')) : undefined),
};

/** A trailing number that is left out when it is zero. */
const toBinary: Form = {
  masks: ['m3', 'm4'],
  name: (stem, value) => (value('m4') === 0 ? named(stem, value('m3')) : undefined),
};

/** The hexadecimal format in the name. */
const hexadecimal: Form = {
  masks: ['m4', 'm5'],
  name(stem, value) {
    const letter = [none, none, 's', 'd', 'x'][value('m4')];
    return letter === undefined ? undefined : named(stem.replace(/p$/, `${letter}p`), value('m5'));
  },
};

const plain: Form = { masks: [] };

/** Mnemonics of the table by the way in which they are written; those that have no masks are not here. */
const forms: readonly (readonly [form: Form, mnemonics: string])[] = [
  [numbers('m3'), 'VLEB VLEH VLEF VLEG VLEIB VLEIH VLEIF VLEIG VSTEB VSTEH VSTEF VSTEG VGEF VGEG VSCEF VSCEG VLBB'],
  [numbers('m3'), 'VLEBRH VLEBRF VLEBRG VSTEBRH'],
  [storeReversed('sterv'), 'VSTEBRF'],
  [storeReversed('stdrv'), 'VSTEBRG'],
  [loadReversed, 'VLLEBRZ'],
  [numbers('m4'), 'VPDI'],
  [optional('m3'), 'VL VST'],
  [optional('m4'), 'VLM VSTM'],
  [sized('m3', bhfg), 'VLREP VREPI VPOPCT'],
  [sized('m3', bhfgq), 'VLC VLP VCLZ VCTZ VGEM'],
  [sized('m3', [...bhfg, none, none, 'lf']), 'VLLEZ'],
  [sized('m3', bhfgq), 'VEC VECL'],
  [sized('m3', bhf), 'VSEG'],
  [sized('m3', bhfg), 'VUPH VUPLH VUPLL'],
  [sized('m3', lowHalf), 'VUPL'],
  [sized('m3', hfg), 'VLBRREP VLER VSTER'],
  [sized('m3', hfgq), 'VLBR VSTBR'],
  [sized('m4', bhfg), 'VGM VREP VLVG VLGV VMRH VMRL VGFM'],
  [sized('m4', bhfg), 'VESL VESRA VESRL VERLL VESLV VESRAV VESRLV VERLLV'],
  [sized('m4', bhfgq), 'VA VACC VS VSCBI VAVG VAVGL VMX VMXL VMN VMNL VMH VMLH'],
  [sized('m4', bhfg), 'VME VMO VMLE VMLO'],
  [dividing, 'VD VDL VR VRL'],
  [sized('m4', withHalfword), 'VML'],
  [sized('m4', bh), 'VSUM'],
  [sized('m4', hf), 'VSUMG'],
  [sized('m4', fg), 'VSUMQ'],
  [sized('m4', hfg), 'VPK'],
  [sized('m5', bhfg), 'VERIM VGFMA'],
  [sized('m5', bhfgq), 'VBLEND VMAH VMALH'],
  [sized('m5', bhfg), 'VMAE VMAO VMALE VMALO'],
  [sized('m5', withHalfword), 'VMAL'],
  [sized('m5', q), 'VAC VACCC VSBI VSBCBI'],
  [multiplySum, 'VMSL'],
  [comparing(bhfgq), 'VCEQ VCH VCHL'],
  [comparing(hfg), 'VPKS VPKLS'],
  [searching('m4', 'm5', 3), 'VFEE VFENE'],
  [searching('m4', 'm5', 3, false), 'VFAE'],
  [searching('m5', 'm6', 3, false), 'VSTRC'],
  [searching('m3', 'm5', 1), 'VISTR'],
  [searching('m5', 'm6', 2), 'VSTRS'],
  [floating('m4', 'm5'), 'VFA VFS VFM VFD VFTCI'],
  [floating('m6', 'm5'), 'VFMA VFMS VFNMA VFNMS'],
  [floating('m3', 'm4'), 'VFSQ'],
  [floating('m4', 'm5', binary, 'm6'), 'VFMAX VFMIN'],
  [comparisonOfNumbers, 'VFCE VFCH VFCHE'],
  [scalar, 'WFC WFK'],
  [signOperation, 'VFPSO'],
  [converting('vcefb', 'vcdgb'), 'VCDG'],
  [converting('vcelfb', 'vcdlgb'), 'VCDLG'],
  [converting('vcfeb', 'vcgdb'), 'VCGD'],
  [converting('vclfeb', 'vclgdb'), 'VCLGD'],
  [rounding(binary), 'VFI'],
  [rounding([none, none, none, 'd', 'x']), 'VFLR'],
  [floatingLengthened(), 'VFLL'],
  [numbers('m3'), 'VCP VCLZDP VUPKZH VUPKZL'],
  [numbers('m4'), 'VCVD VCVDG VCSPH'],
  [numbers('m5'), 'VAP VSP VMP VMSP VDP VRP VSDP VSRP VSRPR VPSOP VPKZR'],
  [toBinary, 'VCVB VCVBG'],
  [hexadecimal, 'VSCHP'],
];

function floatingLengthened(): Form {
  const form = floating('m3', 'm4', [none, none, 's', 'd']);
  // Long operands make extended ones, of which there is room for one.
  return {
    ...form,
    name: (stem, value) => (value('m3') === 3 && value('m4') === 0 ? undefined : form.name?.(stem, value)),
  };
}

const byMnemonic: ReadonlyMap<string, Form> = new Map(
  forms.flatMap(([form, mnemonics]) => mnemonics.split(' ').map((mnemonic) => [mnemonic, form] as const)),
);

/** Names that the assembler gives to instructions which the manual calls otherwise. */
const otherNames: Readonly<Record<string, string>> = { VCDG: 'vcfps', VCDLG: 'vcfpl', VCGD: 'vcsfp', VCLGD: 'vclfp' };

/** The masks of a vector instruction that are operands of its plain mnemonic. */
export function masksOf(mnemonic: string): readonly string[] {
  return (byMnemonic.get(mnemonic) ?? plain).masks;
}

/** How the assembler writes a vector instruction with these masks. */
export function vectorName(mnemonic: string, values: ReadonlyMap<string, number>): Named {
  const form = byMnemonic.get(mnemonic) ?? plain;
  const stem = otherNames[mnemonic] ?? mnemonic.toLowerCase();
  const value: Values = (mask) => values.get(mask) ?? 0;
  return form.name?.(stem, value) ?? named(stem, ...form.masks.map(value));
}
