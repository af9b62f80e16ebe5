/** Channel reports (PoP, "Channel Report"): what happened to the channel subsystem itself. */

import type { Stateful } from '../../../../bits/stateful.ts';

/** Reporting-source codes. */
export const reportSource = { subchannel: 3, channelPath: 4 } as const;

/** Error-recovery codes. */
const recoveryCode = { initialized: 0x02, installed: 0x04 } as const;

/** A report. */
export interface ChannelReport {
  readonly source: (typeof reportSource)[keyof typeof reportSource];
  readonly recovery: keyof typeof recoveryCode;
  /** Reporting-source identification. */
  readonly id: number;
  /** The guest has asked for what is reported. */
  readonly solicited?: boolean;
  /** The next report belongs to this one. */
  readonly chained?: boolean;
}

const SOLICITED = 0x4000_0000;
const OVERFLOW = 0x2000_0000;
const CHAINED = 0x1000_0000;

/** Reports that are kept for a guest that does not fetch them. */
const KEPT = 64;

/** Reports as plain data. */
export interface ChannelReportState {
  readonly words: readonly number[];
  readonly told: boolean;
  readonly lost: boolean;
}

/** Reports that wait for STORE CHANNEL REPORT WORD. */
export class ChannelReports implements Stateful<ChannelReportState> {
  readonly #words: number[] = [];
  readonly #pending: () => void;
  /** The guest has been told, and has not found the queue empty since. */
  #told = false;
  #lost = false;

  /** `pending` is called when the guest must be told that there are reports. */
  constructor(pending: () => void) {
    this.#pending = pending;
  }

  add(report: ChannelReport): void {
    if (this.#words.length >= KEPT) {
      this.#lost = true;
      return;
    }
    const flags =
      (report.solicited === true ? SOLICITED : 0) |
      (report.chained === true ? CHAINED : 0) |
      (this.#lost ? OVERFLOW : 0);
    this.#lost = false;
    this.#words.push((flags | (report.source << 24) | (recoveryCode[report.recovery] << 16) | report.id) >>> 0);
    if (!this.#told) {
      this.#told = true;
      this.#pending();
    }
  }

  /** The word that STORE CHANNEL REPORT WORD would store; undefined when there is none. */
  get first(): number | undefined {
    return this.#words[0];
  }
  /** Takes the first word away, if there is one: the next machine check may come when there was none. */
  take(): void {
    if (this.#words.shift() === undefined) this.#told = false;
  }
  /** @inheritdoc */
  save(): ChannelReportState {
    return { words: [...this.#words], told: this.#told, lost: this.#lost };
  }
  /** @inheritdoc */
  restore({ words, told, lost }: ChannelReportState): void {
    this.#words.length = 0;
    this.#words.push(...words);
    this.#told = told;
    this.#lost = lost;
  }

  clear(): void {
    this.#words.length = 0;
    this.#told = false;
    this.#lost = false;
  }
}
