const DAY_MS = 86_400_000;
const DAYS_IN_400_YEARS = 146_097;
/** Days from 1 March of year 0 to 1 January 1970. */
const EPOCH_DAYS = 719_468;

/** Year, month, day, hours, minutes, seconds and nanoseconds, in UTC, of milliseconds since 1970. */
export function calendar(ms: number): readonly number[] {
  const days = Math.floor(ms / DAY_MS) + EPOCH_DAYS;
  const rest = ms - Math.floor(ms / DAY_MS) * DAY_MS;
  // Years begin in March here, so that leap days come last.
  const era = Math.floor(days / DAYS_IN_400_YEARS);
  const day = days - era * DAYS_IN_400_YEARS;
  const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
  const dayOfYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const seconds = Math.floor(rest / 1000);
  return [
    year + era * 400 + (month >= 10 ? 1 : 0),
    month < 10 ? month + 3 : month - 9,
    dayOfMonth,
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
    (rest % 1000) * 1_000_000,
  ];
}

/** Milliseconds since 1970 of year, month, day, hours, minutes, seconds and nanoseconds in UTC; undefined for no such moment. */
export function millisecondsOf(parts: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0, nanoseconds = 0] = parts;
  const ms = Date.UTC(year, month - 1, day, hours, minutes, seconds, Math.floor(nanoseconds / 1_000_000));
  const again = Number.isNaN(ms) ? [] : calendar(ms);
  return [year, month, day, hours, minutes, seconds].every((n, i) => n === again[i]) ? ms : undefined;
}
