const stampText =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt])(\d{1,2}):(\d{1,2}):(\d{1,2})([.,]\d+)?(Z|[-+]\d{2}:\d{2})| (\d{1,2}):(\d{1,2}):(\d{1,2})([.,]\d+)?)?$/;

const pad = (digits: string | undefined): string => (digits ?? "0").padStart(2, "0");

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = month === 2 && leap ? 29 : new Date(Date.UTC(2001, month, 0)).getUTCDate();
  return day <= last;
}

/**
 * A text that go-yaml takes for a timestamp, as it writes it (RFC 3339); null for every other text. Its `parseTimestamp`: RFC 3339 with
 * one or two digits a field, lower-case t, a blank and no zone, or a bare day.
 */
export function goTimestamp(text: string): string | null {
  const match = stampText.exec(text);
  if (!match) return null;
  const [, year = "", month, day, , hour, minute, second, fraction, zone, hour2, minute2, second2, fraction2] = match;
  if (!isDay(Number(year), Number(month), Number(day))) return null;
  const clock = [hour ?? hour2, minute ?? minute2, second ?? second2];
  const [h = 0, m = 0, s = 0] = clock.map((part) => Number(part ?? 0));
  if (h > 23 || m > 59 || s > 59) return null;
  const [offsetHours = 0, offsetMinutes = 0] =
    zone === undefined || zone === "Z" ? [] : zone.slice(1).split(":").map(Number);
  if (offsetHours > 24 || offsetMinutes > 60) return null;
  const decimals = (fraction ?? fraction2 ?? "").slice(1, 10).replace(/0+$/, "");
  const offset = zone === undefined || /^[-+]00:00$/.test(zone) ? "Z" : zone;
  return `${year}-${pad(month)}-${pad(day)}T${clock.map(pad).join(":")}${decimals === "" ? "" : `.${decimals}`}${offset}`;
}
