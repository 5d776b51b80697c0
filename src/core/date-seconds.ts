/** Dates of servers, in seconds since 1970, without a clock of our own: it may differ from that of the server. */

const HTTP_DATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** A date of HTTP (IMF-fixdate, RFC 9110, section 5.6.7); undefined when it is none. */
export function httpDateSeconds(text: string): number | undefined {
  const [, day, monthName = "", year, hour, minute, second] = HTTP_DATE.exec(text) ?? [];
  const month = MONTHS.indexOf(monthName) / 3 + 1;
  return day === undefined || !Number.isInteger(month) || month < 1
    ? undefined
    : secondsAt(Number(year), month, Number(day)) + timeOf(hour, minute, second);
}

const INTERNET_DATE =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2}(?:\.\d{1,9})?)(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** A date of the internet (RFC 3339, section 5.6); undefined when it is none. */
export function internetDateSeconds(text: string): number | undefined {
  const [, year, month, day, hour, minute, second, sign, offsetHour, offsetMinute] =
    INTERNET_DATE.exec(text) ?? [];
  if (year === undefined) {
    return undefined;
  }
  const offset = timeOf(offsetHour, offsetMinute, "0") * (sign === "-" ? -1 : 1);
  const date = secondsAt(Number(year), Number(month), Number(day));
  return date + timeOf(hour, minute, second) - offset;
}

function timeOf(hour = "0", minute = "0", second = "0"): number {
  return (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
}

/** The beginning of a day (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`). */
function secondsAt(year: number, month: number, day: number): number {
  const from = month <= 2 ? year - 1 : year; // Years begin in March, so that the leap day is their last.
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400);
  return (from * 365 + leapDays + dayOfYear - 719_468) * 86_400;
}
