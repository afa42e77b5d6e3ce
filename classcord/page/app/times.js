/**
 * Dates and times as people read them, in their language and their time zone. Knows no view.
 */
import { computed } from "../vendor/signals.js";
import { language, t } from "./words.js";

const forms = computed(() => {
  const form = (options) => new Intl.DateTimeFormat(language.value, options);
  return {
    clock: form({ hour: language.value === "fr" ? "2-digit" : "numeric", minute: "2-digit" }),
    day: form({ weekday: "long", day: "numeric", month: "long" }),
    dayAndYear: form({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    date: form({ day: "numeric", month: "long" }),
    dateAndYear: form({ day: "numeric", month: "long", year: "numeric" }),
    short: form({ day: "2-digit", month: "2-digit" }),
    full: form({ dateStyle: "full", timeStyle: "medium" }),
  };
});

/** A number that is the same for all moments of a day in this time zone. */
export function dayOf(timestamp) {
  const date = new Date(timestamp);
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate();
}

/** 21:14 */
export const clock = (timestamp) => forms.value.clock.format(new Date(timestamp));

/** Friday 20 November 2026 at 21:14:32 */
export const full = (timestamp) => forms.value.full.format(new Date(timestamp));

/** Today, yesterday, or Friday 20 November, with the year where it is another. */
export function day(timestamp) {
  const date = new Date(timestamp);
  const now = new Date();
  if (dayOf(date) === dayOf(now)) return t("day.today");
  if (dayOf(date) === dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return t("day.yesterday");
  const form = date.getFullYear() === now.getFullYear() ? forms.value.day : forms.value.dayAndYear;
  return form.format(date);
}

const DAY = 86_400_000; // milliseconds

/**
 * Until when something lasts: until 21:14, until tomorrow, 9:00, until 3 December; with the year where it is another.
 * `exactly`: with the clock on other days too.
 */
export function until(timestamp, exactly = false) {
  const date = new Date(timestamp);
  const now = new Date();
  const left = date - now;
  if (dayOf(date) === dayOf(now)) return t("until.clock", { time: clock(date) });
  if (left > 0 && left < DAY) return t("until.tomorrow", { time: clock(date) });
  return t(exactly ? "until.moment" : "until.day", { day: dateIn(date), time: clock(date) });
}

/** 3 December in a sentence, with the year where it is another. */
export function dateIn(timestamp) {
  const date = new Date(timestamp);
  const form = date.getFullYear() === new Date().getFullYear() ? forms.value.date : forms.value.dateAndYear;
  const words = form.format(date);
  return language.value === "fr" ? words.replace(/^1 /, "1er ") : words;
}

const UNITS = [["hour", 3600], ["minute", 60], ["second", 1]];

/** How long something lasts, such as 1 h 30 min, in at most two units. */
export function lasting(seconds) {
  let left = seconds;
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count && new Intl.NumberFormat(language.value, { style: "unit", unit, unitDisplay: "short" }).format(count);
  });
  return parts.filter(Boolean).slice(0, 2).join(" ");
}

/** The clock for today, otherwise with the short date: a moment in a sentence or beside a line. */
export const moment = (timestamp) =>
  dayOf(timestamp) === dayOf(Date.now()) ? clock(timestamp) : `${forms.value.short.format(new Date(timestamp))} ${clock(timestamp)}`;
