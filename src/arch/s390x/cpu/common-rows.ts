/**
 * What kernels and compiled programs execute most, by counts of a boot of Linux: nine of ten instructions that are interpreted. Those that
 * take a helper often, and those that are long, are better off by themselves.
 */
export const commonRows: ReadonlySet<string> = new Set(
  [
    'LGR LR LG L LA LAY LARL LGRL LHI LGHI LGFR LLGFR LTG LTGR LTR',
    'LH LLC LLGC LLGF LLHR IC ST STG STH STC MVI MVGHI MVHI STY LRL LLCR LCR IILF LT LGF',
    'BRC BRCL BCR BRASL BRCTG BRCT CIJ CGIJ CLIJ CRJ CGRJ CLRJ CLGRJ',
    'AR AGR AHI AGHI A AG SR SGR CR CGR CLGR CG CLG CLI CLGIJ TM TMLL SG MSR MSGR',
    'NR NGR NILF NILL XR XGR OR OGR X RISBG RXSBG RLL SLL SRL SRA SLLG SRLG',
  ].flatMap((line) => line.split(' ')),
);
