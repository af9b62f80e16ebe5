/** Instructions of a POWER7 that are known by name only: whoever executes one is told which it was. */

import { forms } from './fields.ts';
import { insn, op, type Row } from './row.ts';

/** A heading with the instructions of a primary opcode whose other bits under a mask are these. */
interface Group {
  readonly title: string;
  readonly primary: number;
  readonly mask: number;
  /** Names with the low 11 bits. */
  readonly names: string;
}

const groups: readonly Group[] = [
  {
    ...{ title: 'Vector Facility', primary: 4, mask: 0x7ff },
    names: [
      'vrlb:4 vmuloub:8 vaddfp:a vpkuhum:e vrlh:44 vmulouh:48 vsubfp:4a vpkuwum:4e vrlw:84 vpkuhus:8e',
      'vcmpeqfp:c6 vpkuwus:ce vslb:104 vmulosb:108 vrefp:10a vpkshus:10e vslh:144 vmulosh:148',
      'vrsqrtefp:14a vpkswus:14e vaddcuw:180 vslw:184 vexptefp:18a vpkshss:18e vsl:1c4 vcmpgefp:1c6',
      'vlogefp:1ca vpkswss:1ce vaddubs:200 vsrb:204 vmuleub:208 vrfin:20a vupkhsb:20e vadduhs:240',
      'vsrh:244 vmuleuh:248 vrfiz:24a vupkhsh:24e vadduws:280 vsrw:284 vrfip:28a vupklsb:28e vsr:2c4',
      'vcmpgtfp:2c6 vrfim:2ca vupklsh:2ce vaddsbs:300 vsrab:304 vmulesb:308 vcfux:30a vpkpx:30e',
      'vaddshs:340 vsrah:344 vmulesh:348 vcfsx:34a vupkhpx:34e vaddsws:380 vsraw:384 vctuxs:38a',
      'vcmpbfp:3c6 vctsxs:3ca vupklpx:3ce vavgub:402 vmaxfp:40a vslo:40c vavguh:442 vminfp:44a',
      'vsro:44c vavguw:482 vcmpeqfp.:4c6 vavgsb:502 vavgsh:542 vsubcuw:580 vavgsw:582 vcmpgefp.:5c6',
      'vsububs:600 vsum4ubs:608 vsubuhs:640 vsum4shs:648 vsubuws:680 vsum2sws:688 vcmpgtfp.:6c6',
      'vsubsbs:700 vsum4sbs:708 vsubshs:740 vsubsws:780 vsumsws:788 vcmpbfp.:7c6',
    ].join(' '),
  },
  {
    ...{ title: 'Vector Facility', primary: 4, mask: 0x3f },
    names: [
      'vmhaddshs:20 vmhraddshs:21 vmladduhm:22 vmsumubm:24 vmsummbm:25 vmsumuhm:26 vmsumuhs:27',
      'vmsumshm:28 vmsumshs:29 vmaddfp:2e vnmsubfp:2f',
    ].join(' '),
  },
  {
    ...{ title: 'Floating-Point and Decimal Single', primary: 59, mask: 0x7ff },
    names: [
      'dadd:4 dadd.:5 fdivs:24 fdivs.:25 fsubs:28 fsubs.:29 fadds:2a fadds.:2b fsqrts:2c fsqrts.:2d',
      'fres:30 fres.:31 frsqrtes:34 frsqrtes.:35 dmul:44 dmul.:45 dcmpo:104 dtstex:144 dctdp:204',
      'dctdp.:205 dctfix:244 dctfix.:245 ddedpd:284 ddedpd.:285 dxex:2c4 dxex.:2c5 dsub:404 dsub.:405',
      'ddiv:444 ddiv.:445 dcmpu:504 dtstsf:544 drsp:604 drsp.:605 dcffix:644 dcffix.:645 denbcd:684',
      'denbcd.:685 fcfids:69c fcfids.:69d diex:6c4 diex.:6c5 fcfidus:79c fcfidus.:79d',
    ].join(' '),
  },
  {
    ...{ title: 'Floating-Point and Decimal Single', primary: 59, mask: 0x1ff },
    names: ['dqua:6 dqua.:7 drrnd:46 drrnd.:47 dquai:86 dquai.:87 drintx:c6 drintx.:c7 drintn:1c6', 'drintn.:1c7'].join(
      ' ',
    ),
  },
  {
    ...{ title: 'Floating-Point and Decimal Single', primary: 59, mask: 0x3f },
    names: [
      'fmuls:32 fmuls.:33 fmsubs:38 fmsubs.:39 fmadds:3a fmadds.:3b fnmsubs:3c fnmsubs.:3d fnmadds:3e',
      'fnmadds.:3f',
    ].join(' '),
  },
  {
    ...{ title: 'Floating-Point and Decimal Single', primary: 59, mask: 0x3ff },
    names: 'dscli:84 dscli.:85 dscri:c4 dscri.:c5 dtstdc:184 dtstdg:1c4',
  },
  {
    ...{ title: 'Vector-Scalar Floating-Point', primary: 60, mask: 0x4f8 },
    names: 'xxsldwi:10',
  },
  {
    ...{ title: 'Vector-Scalar Floating-Point', primary: 60, mask: 0x30 },
    names: 'xxsel:30',
  },
  {
    ...{ title: 'Vector-Scalar Floating-Point', primary: 60, mask: 0x7f8 },
    names: [
      'xxmrghw:90 xsadddp:100 xsmaddadp:108 xssubdp:140 xsmaddmdp:148 xsmuldp:180 xsmsubadp:188',
      'xxmrglw:190 xsdivdp:1c0 xsmsubmdp:1c8 xvaddsp:200 xvmaddasp:208 xvcmpeqsp:218 xvsubsp:240',
      'xvmaddmsp:248 xvcmpgtsp:258 xvmulsp:280 xvmsubasp:288 xvcmpgesp:298 xvdivsp:2c0 xvmsubmsp:2c8',
      'xvadddp:300 xvmaddadp:308 xvcmpeqdp:318 xvsubdp:340 xvmaddmdp:348 xvcmpgtdp:358 xvmuldp:380',
      'xvmsubadp:388 xvcmpgedp:398 xvdivdp:3c0 xvmsubmdp:3c8 xsmaxdp:500 xsnmaddadp:508 xsmindp:540',
      'xsnmaddmdp:548 xscpsgndp:580 xsnmsubadp:588 xsnmsubmdp:5c8 xvmaxsp:600 xvnmaddasp:608',
      'xvcmpeqsp.:618 xvminsp:640 xvnmaddmsp:648 xvcmpgtsp.:658 xvcpsgnsp:680 xvnmsubasp:688',
      'xvcmpgesp.:698 xvnmsubmsp:6c8 xvmaxdp:700 xvnmaddadp:708 xvcmpeqdp.:718 xvmindp:740',
      'xvnmaddmdp:748 xvcmpgtdp.:758 xvcpsgndp:780 xvnmsubadp:788 xvcmpgedp.:798 xvnmsubmdp:7c8',
    ].join(' '),
  },
  {
    ...{ title: 'Vector-Scalar Floating-Point', primary: 60, mask: 0x7f9 },
    names: 'xscmpudp:118 xscmpodp:158 xstdivdp:1e8 xvtdivsp:2e8 xvtdivdp:3e8',
  },
  {
    ...{ title: 'Vector-Scalar Floating-Point', primary: 60, mask: 0x7fc },
    names: [
      'xscvdpuxws:120 xsrdpi:124 xsrsqrtedp:128 xssqrtdp:12c xscvdpsxws:160 xsrdpiz:164 xsredp:168',
      'xsrdpip:1a4 xsrdpic:1ac xsrdpim:1e4 xvcvspuxws:220 xvrspi:224 xvrsqrtesp:228 xvsqrtsp:22c',
      'xvcvspsxws:260 xvrspiz:264 xvresp:268 xxspltw:290 xvcvuxwsp:2a0 xvrspip:2a4 xvrspic:2ac',
      'xvcvsxwsp:2e0 xvrspim:2e4 xvcvdpuxws:320 xvrdpi:324 xvrsqrtedp:328 xvsqrtdp:32c xvcvdpsxws:360',
      'xvrdpiz:364 xvredp:368 xvcvuxwdp:3a0 xvrdpip:3a4 xvrdpic:3ac xvcvsxwdp:3e0 xvrdpim:3e4',
      'xscvdpsp:424 xscvdpuxds:520 xscvspdp:524 xscvdpsxds:560 xsabsdp:564 xscvuxddp:5a0 xsnabsdp:5a4',
      'xscvsxddp:5e0 xsnegdp:5e4 xvcvspuxds:620 xvcvdpsp:624 xvcvspsxds:660 xvabssp:664 xvcvuxdsp:6a0',
      'xvnabssp:6a4 xvcvsxdsp:6e0 xvnegsp:6e4 xvcvdpuxds:720 xvcvspdp:724 xvcvdpsxds:760 xvabsdp:764',
      'xvcvuxddp:7a0 xvnabsdp:7a4 xvcvsxddp:7e0 xvnegdp:7e4',
    ].join(' '),
  },
  {
    ...{ title: 'Vector-Scalar Floating-Point', primary: 60, mask: 0x7fd },
    names: 'xstsqrtdp:1a8 xvtsqrtsp:2a8 xvtsqrtdp:3a8',
  },
  {
    ...{ title: 'Floating-Point and Decimal Double', primary: 63, mask: 0x7ff },
    names: [
      'fcmpu:0 daddq:4 daddq.:5 frsp:18 frsp.:19 fctiw:1c fctiw.:1d fctiwz:1e fctiwz.:1f fdiv:24',
      'fdiv.:25 fsub:28 fsub.:29 fadd:2a fadd.:2b fsqrt:2c fsqrt.:2d fre:30 fre.:31 frsqrte:34',
      'frsqrte.:35 fcmpo:40 dmulq:44 dmulq.:45 mcrfs:80 ftdiv:100 dcmpoq:104 mtfsfi:10c mtfsfi.:10d',
      'fctiwu:11c fctiwu.:11d fctiwuz:11e fctiwuz.:11f ftsqrt:140 dtstexq:144 dctqpq:204 dctqpq.:205',
      'dctfixq:244 dctfixq.:245 ddedpdq:284 ddedpdq.:285 dxexq:2c4 dxexq.:2c5 frin:310 frin.:311',
      'friz:350 friz.:351 frip:390 frip.:391 frim:3d0 frim.:3d1 dsubq:404 dsubq.:405 ddivq:444',
      'ddivq.:445 dcmpuq:504 dtstsfq:544 drdpq:604 drdpq.:605 dcffixq:644 dcffixq.:645 fctid:65c',
      'fctid.:65d fctidz:65e fctidz.:65f denbcdq:684 denbcdq.:685 fcfid:69c fcfid.:69d diexq:6c4',
      'diexq.:6c5 fctidu:75c fctidu.:75d fctiduz:75e fctiduz.:75f fcfidu:79c fcfidu.:79d',
    ].join(' '),
  },
  {
    ...{ title: 'Floating-Point and Decimal Double', primary: 63, mask: 0x1ff },
    names: [
      'dquaq:6 dquaq.:7 drrndq:46 drrndq.:47 dquaiq:86 dquaiq.:87 drintxq:c6 drintxq.:c7 drintnq:1c6',
      'drintnq.:1c7',
    ].join(' '),
  },
  {
    ...{ title: 'Floating-Point and Decimal Double', primary: 63, mask: 0x3f },
    names: [
      'fsel:2e fsel.:2f fmul:32 fmul.:33 fmsub:38 fmsub.:39 fmadd:3a fmadd.:3b fnmsub:3c fnmsub.:3d',
      'fnmadd:3e fnmadd.:3f',
    ].join(' '),
  },
  {
    ...{ title: 'Floating-Point and Decimal Double', primary: 63, mask: 0x3ff },
    names: 'dscliq:84 dscliq.:85 dscriq:c4 dscriq.:c5 dtstdcq:184 dtstdgq:1c4',
  },
];

/** The rows. */
export const byNameOnly: readonly Row[] = groups.flatMap(({ title, primary, mask, names }) =>
  names.split(' ').flatMap((entry) => {
    const [name = '', bits = '0'] = entry.split(':');
    const value = ((primary << 26) | Number.parseInt(bits, 16)) >>> 0;
    return insn(name, { op: op.exactly(value, (0xfc00_0000 | mask) >>> 0), form: forms.none, title });
  }),
);
