/**
 * What a transaction may execute (PoP, "Transactional-Execution Facility": "Restricted Instructions", "Constrained Transaction").
 * Where the manual restricts an instruction in some of its forms only, all of them are restricted here: a transaction may be
 * aborted at any time, and an abort that was not necessary is one that the program is ready for.
 */

import type { FormatName } from './formats.ts';

/** Whether a transaction may execute an instruction. */
export type TransactionalRule =
  | 'allowed'
  /** In no transaction. */
  | 'restricted'
  /** In no constrained one. */
  | 'unconstrained'
  /** In a constrained one if it goes forwards. */
  | 'forward'
  /** If the floating-point control allows it. */
  | 'floating-point'
  /** If the access-register control allows it. */
  | 'access-register';

const general =
  'BALR BAL BASR BAS BASSM BSM BCR BC BIC BCTR BCTGR BCT BCTG BXH BXLE BXHG BXLEG BRAS BRASL BRCT BRCTG BRCTH BRXH BRXHG ' +
  'BRXLE BRXLG CRB CGRB CLRB CLGRB CIB CGIB CLIB CLGIB EX EXRL MC TAM SAM24 SAM31 SAM64 STCK STCKF STCKE ECTG ECAG EPSW ' +
  'CS CSY CSG CDS CDSY CDSG TS ASI AGSI ALSI ALGSI LAA LAAG LAAL LAALG LAN LANG LAX LAXG LAO LAOG LPD LPDG LMD ' +
  'CVB CVBY CVBG CVD CVDY CVDG DR D DLR DL DLGR DLG DSGR DSG DSGFR DSGF PFD PFDRL BPP BPRP NIAI TABORT ETND NTSTG';
const storage =
  'MVCL MVCLE MVCLU CLCL CLCLE CLCLU CUSE SRST SRSTU CLST MVST CKSM TRE TROO TROT TRTO TRTT TRTE TRTRE CU12 CU21 CU14 CU24 ' +
  'CU41 CU42 UPT CFC CMPSC TP';
const crypto = 'KM KMC KMF KMO KMCTR KMAC KIMD KLMD PCC PRNO KMA KDSA';
const control =
  'LPSW LPSWE LPSWEY LBEAR STBEAR SSM STNSM STOSM LCTL LCTLG STCTL STCTG SAC SACF ESEA EPAR ESAR EPAIR ESAIR SSAR SSAIR TAR TRACE TRACG SCKC ' +
  'STCKC SPT STPT LPP PTFF LRA LRAY LRAG STRAG LURA LURAG STURA STURG TPROT IPTE IDTE CRDTE PTLB PALB CSP CSPG SSKE ISKE ' +
  'IVSK RRBE RRBM IRBM PFMF ESSA DIAG SIGP SERVC SIE STIDP SCK SPX STPX STAP STSI STFL TB PTF SCKPF STHYI PQAP NQAP DQAP ' +
  'CSCH HSCH MSCH SSCH STSCH TSCH TPI SAL RSCH STCRW STCPS RCHP SCHM SIGA XSCH CHSC PR PC PT PTI BAKR BSA BSG EREG EREGG ' +
  'ESTA MSTA LASP RP PGIN PGOUT';

const named: ReadonlyMap<string, TransactionalRule> = new Map(
  (
    [
      ['unconstrained', `${general} ${storage} ${crypto} IPK SPKA IAC`],
      ['restricted', `CSST PLO STFLE LGSC STGSC SVC TRAP2 TRAP4 PPA PCKMO ${control}`],
      ['forward', 'BRC BRCL CRJ CGRJ CLRJ CLGRJ CIJ CGIJ CLIJ CLGIJ'],
      ['access-register', 'CPYA LAE LAEY LAM LAMY SAR'],
    ] as const
  ).flatMap(([rule, mnemonics]) => mnemonics.split(' ').map((mnemonic) => [mnemonic, rule] as const)),
);

const between = (n: number, first: number, last: number): boolean => n >= first && n <= last;
/** Opcodes of 16 bits in which floating-point instructions stand among others. */
const floatingPoint: ReadonlySet<number> = new Set([
  0x010a, 0xb22d, 0xb244, 0xb245, 0xb299, 0xb29c, 0xb29d, 0xb2b8, 0xb2b9, 0xb2bd, 0xb941, 0xb942, 0xb943, 0xb949,
  0xb94a, 0xb94b, 0xb951, 0xb952, 0xb953, 0xb959, 0xb95a, 0xb95b,
]);

// Vector instructions count as floating-point ones.
function isFloatingPoint(op: number): boolean {
  if (op > 0xff) return [0xb3, 0xe6, 0xe7, 0xed].includes(op >> 8) || floatingPoint.has(op);
  return between(op, 0x20, 0x3f) || op === 0x60 || between(op, 0x67, 0x70) || between(op, 0x78, 0x7f);
}

/** The rule of an instruction by its mnemonic, opcode and format. */
export function transactionalRule(mnemonic: string, op: number, format: FormatName): TransactionalRule {
  const known = named.get(mnemonic);
  if (known !== undefined) return known;
  if (isFloatingPoint(op)) return 'floating-point';
  return format.startsWith('SS') ? 'unconstrained' : 'allowed';
}
