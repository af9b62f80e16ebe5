/** What a guest said of how its tests went. */
export interface Report {
  /** The line, without its end. */
  readonly line: string;
  /** The exit status that it stands for. */
  readonly status: number;
}

const REPORT = /^\r?(EXIT: STATUS=(-?\d+))[ \t\r]*$/;
/** Of a line that is longer nothing beyond is kept: it is no report. */
const LONGEST_LINE = 80;
const HIGHEST_STATUS = 255;

/**
 * The line by which the test images of bare-metal suites end: `EXIT: STATUS=n`, where n is twice the exit code plus one. It
 * may come in pieces, and on either console; the last one counts, also one whose line is not ended.
 */
export class ReportedStatus {
  readonly #open = new Map<string, string>();
  #last: Report | undefined;

  /** Takes what the guest wrote on a console. */
  add(bytes: Uint8Array, from: string): void {
    const [first = '', ...more] = Buffer.from(bytes).toString('latin1').split('\n');
    let line = (this.#open.get(from) ?? '') + first.slice(0, LONGEST_LINE);
    for (const next of more) {
      this.#last = report(line) ?? this.#last;
      line = next;
    }
    this.#open.set(from, line.slice(0, LONGEST_LINE));
  }

  /** The last report, or undefined when there was none. */
  get last(): Report | undefined {
    const unfinished = [...this.#open.values()].map(report).find((found) => found !== undefined);
    return unfinished ?? this.#last;
  }
}

function report(text: string): Report | undefined {
  const [, line, digits] = REPORT.exec(text) ?? [];
  if (line === undefined) return undefined;
  const n = Number(digits);
  const code = n % 2 === 0 ? n : (n - 1) / 2;
  return { line, status: code >= 0 && code <= HIGHEST_STATUS ? code : HIGHEST_STATUS };
}
