/**
 * How large a file is, for people, as their language writes it. Knows no view.
 */
import { language } from "./words.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** Such as "482 ko" or "1.2 MB". */
export function inUnits(bytes) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const format = { style: "unit", unit: UNITS[step], maximumFractionDigits: step > 1 ? 1 : 0 };
  return new Intl.NumberFormat(language.value, format).format(bytes / 1000 ** step);
}
