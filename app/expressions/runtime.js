/*
 * What expressions do in the browser. The reader in Python writes calls of these functions; each one
 * means exactly what its namesake means on the server.
 *
 * Values: null is empty; numbers are {n, p}, the integer n (BigInt) with its last p digits behind the
 * point; dates and times of day are ISO text; moments and durations are microseconds (BigInt).
 * A scope holds plain JSON: numbers as text or numbers, moments as ISO text with offset, durations as
 * seconds, links as objects of their fields or as a bare id, a period as {first, last, start, end}.
 */
(function (global) {
  "use strict";

  const PLACES = 20;
  const DAY = 86400000000n;
  const SPAN_LIMIT = 320000000000000000n;
  const COUNT_LIMIT = 120000n;
  const MOST_DIGITS = 400;
  const LARGEST = 1n << 66440n;
  const MOST_KEPT = 18;
  const LARGEST_WHOLE = 2n ** 63n - 1n;
  const FIRST = -62135596800000000n;
  const LAST = 253402300799999999n;
  const has = (record, name) => Object.prototype.hasOwnProperty.call(record, name);
  const magnitude = (value) => (value < 0n ? -value : value);
  const power = (places) => 10n ** BigInt(places);

  /* Numbers */

  function number(value) {
    if (value === null || value === undefined || value === "" || typeof value === "boolean") return null;
    if (typeof value === "object") return typeof value.n === "bigint" ? value : null;
    const found = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?\s*$/i.exec(String(value));
    if (found === null || !(found[2] || found[3])) return null;
    const behind = found[3] || "";
    const digits = BigInt((found[2] || "") + behind);
    const places = behind.length - Number(found[4] || 0);
    if (Math.abs(places) > MOST_DIGITS) return null;
    const signed = found[1] === "-" ? -digits : digits;
    return places >= 0 ? { n: signed, p: places } : { n: signed * power(-places), p: 0 };
  }

  function aligned(left, right) {
    const places = Math.max(left.p, right.p);
    return [left.n * power(places - left.p), right.n * power(places - right.p), places];
  }

  function halfUp(upper, lower) {
    const sign = upper < 0n !== lower < 0n ? -1n : 1n;
    const [over, under] = [magnitude(upper), magnitude(lower)];
    return sign * ((2n * over + under) / (2n * under));
  }

  const whole = (count) => ({ n: BigInt(count), p: 0 });

  function add(left, right) {
    const [one, other, places] = aligned(left, right);
    return { n: one + other, p: places };
  }

  const neg = (value) => ({ n: -value.n, p: value.p });
  const sub = (left, right) => add(left, neg(right));
  function mul(left, right) {
    const n = left.n * right.n;
    return magnitude(n) < LARGEST ? { n, p: left.p + right.p } : null;
  }

  function div(left, right) {
    if (right.n === 0n) return null;
    const [one, other] = aligned(left, right);
    return { n: halfUp(one * power(PLACES), other), p: PLACES };
  }

  function round(value, places) {
    const wanted = Number(places.n);
    if (value.p <= wanted) return value;
    const rounded = halfUp(value.n, power(value.p - wanted));
    return wanted >= 0 ? { n: rounded, p: wanted } : { n: rounded * power(-wanted), p: 0 };
  }

  /* What a field with so many places keeps of a result; null when no column can hold it. */
  function kept(value, places, isWhole) {
    if (value === null) return null;
    const found = round(value, whole(places));
    const most = isWhole ? LARGEST_WHOLE : power(MOST_KEPT) - power(places) - 1n;
    return magnitude(found.n) * power(places - found.p) <= most ? found : null;
  }

  function counted(value) {
    const count = round(value, whole(0)).n;
    return magnitude(count) <= COUNT_LIMIT ? count : null;
  }

  function digits(value) {
    const text = magnitude(value.n).toString().padStart(value.p + 1, "0");
    const split = text.length - value.p;
    const behind = text.slice(split).replace(/0+$/, "");
    return (value.n < 0n ? "-" : "") + text.slice(0, split) + (behind ? "." + behind : "");
  }

  /* Durations, moments and dates */

  function span(value) {
    if (value === null) return null;
    const length = round(value, whole(0)).n;
    return magnitude(length) <= SPAN_LIMIT ? length : null;
  }

  const asNumber = (length) => ({ n: length, p: 0 });

  function duration(value) {
    const seconds = number(value);
    return seconds === null ? null : span(mul(seconds, { n: 1000000n, p: 0 }));
  }

  function instant(value) {
    if (typeof value === "bigint") return value;
    const found =
      /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)$/.exec(value || "");
    if (found === null || date(found[1]) === null) return null;
    const clock = BigInt(found[2]) * 3600n + BigInt(found[3]) * 60n + BigInt(found[4] || 0);
    const rest = BigInt((found[5] || "").padEnd(6, "0"));
    const zone = found[6].replace(":", "");
    const minutes = zone === "Z" ? 0n : BigInt(zone.slice(1, 3)) * 60n + BigInt(zone.slice(3, 5));
    const east = zone[0] === "-" ? -minutes : minutes;
    return dayNumber(found[1]) * DAY + (clock - east * 60n) * 1000000n + rest;
  }

  function date(value) {
    if (!/^\d{4}-\d\d-\d\d$/.test(value || "") || value.slice(0, 4) === "0000") return null;
    const [year, month, day] = value.split("-").map(Number);
    return month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month) ? value : null;
  }

  function time(value) {
    const found = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/.exec(value || "");
    if (found === null) return null;
    return `${found[1]}:${found[2]}:${found[3] || "00"}.${(found[4] || "").padEnd(6, "0")}`;
  }

  function lastDay(year, month) {
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  }

  const pad = (value, width) => String(value).padStart(width, "0");
  const dayNumber = (text) => floorDivide(BigInt(utc(...text.split("-").map(Number))) * 1000n, DAY);

  /* Date.UTC takes the years 0 to 99 for 1900 to 1999. */
  function utc(year, month, day) {
    return new Date(0).setUTCFullYear(year, month - 1, day);
  }

  function floorDivide(value, by) {
    const quotient = value / by;
    return value % by < 0n ? quotient - 1n : quotient;
  }

  function dateOf(number) {
    const micros = number * DAY;
    if (micros < FIRST || micros > LAST) return null;
    const day = new Date(Number(micros / 1000n));
    return `${pad(day.getUTCFullYear(), 4)}-${pad(day.getUTCMonth() + 1, 2)}-${pad(day.getUTCDate(), 2)}`;
  }

  const dateShift = (day, by) => dateOf(dayNumber(day) + floorDivide(by, DAY));
  const dateGap = (left, right) => (dayNumber(left) - dayNumber(right)) * DAY;
  const inYears = (moment) => (moment < FIRST || moment > LAST ? null : moment);

  function dateMonths(text, months) {
    const [year, month, day] = text.split("-").map(Number);
    const index = year * 12 + month - 1 + Number(months);
    const [there, then] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
    if (there < 1 || there > 9999) return null;
    return `${pad(there, 4)}-${pad(then, 2)}-${pad(Math.min(day, lastDay(there, then)), 2)}`;
  }

  /* How far local time is ahead of UTC at a moment, in microseconds. */
  function offset(moment, zone) {
    const seconds = floorDivide(moment, 1000000n);
    const options = { timeZone: zone, hourCycle: "h23", era: "short", year: "numeric", month: "numeric",
      day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    const parts = {};
    for (const part of new Intl.DateTimeFormat("en-US", options).formatToParts(new Date(Number(seconds) * 1000))) {
      parts[part.type] = part.value;
    }
    const year = parts.era === "BC" ? 1 - Number(parts.year) : Number(parts.year);
    const clock = Number(parts.hour) * 3600 + Number(parts.minute) * 60 + Number(parts.second);
    const local = BigInt(utc(year, Number(parts.month), Number(parts.day))) / 1000n + BigInt(clock);
    return (local - seconds) * 1000000n;
  }

  function instantMonths(moment, months, zone) {
    const local = moment + offset(moment, zone);
    const today = dateOf(floorDivide(local, DAY));
    const day = today === null ? null : dateMonths(today, months);
    if (day === null) return null;
    const wall = dayNumber(day) * DAY + (local - floorDivide(local, DAY) * DAY);
    const guess = wall - offset(wall, zone);
    return inYears(wall - offset(guess, zone));
  }

  /* The day and the time of a moment on the clock of a zone: microseconds of that day. */
  function onClock(moment, zone) {
    const local = moment + offset(moment, zone);
    const day = floorDivide(local, DAY);
    return [dateOf(day), local - day * DAY];
  }

  const instantDate = (moment, zone) => onClock(moment, zone)[0];

  function instantHour(moment, zone) {
    const [day, clock] = onClock(moment, zone);
    return day === null ? null : whole(clock / 3600000000n);
  }

  function iso(moment) {
    const millis = floorDivide(moment, 1000n);
    const text = new Date(Number(millis)).toISOString();
    return text.slice(0, -1) + pad(moment - millis * 1000n, 3) + "Z";
  }

  /* Comparing */

  function order(left, right) {
    if (typeof left === "object") {
      const [one, other] = aligned(left, right);
      return one < other ? -1 : one > other ? 1 : 0;
    }
    if (typeof left !== "string") return left < right ? -1 : left > right ? 1 : 0;
    const [one, other] = [Array.from(left), Array.from(right)];
    for (let index = 0; index < Math.min(one.length, other.length); index += 1) {
      if (one[index] !== other[index]) return one[index].codePointAt(0) - other[index].codePointAt(0);
    }
    return one.length - other.length;
  }

  const TESTS = {
    "==": (result) => result === 0, "!=": (result) => result !== 0,
    "<": (result) => result < 0, "<=": (result) => result <= 0,
    ">": (result) => result > 0, ">=": (result) => result >= 0,
  };

  /* Values of unknown type may not compare at all: then they are different, and have no order. */
  function compare(sign, left, right) {
    if (left === null || right === null) return null;
    if (typeof left !== typeof right) return sign === "==" ? false : sign === "!=" ? true : null;
    return TESTS[sign](order(left, right));
  }

  const oneOf = (value, options) => or(...options.map((option) => compare("==", value, option)));
  const among = (value, options) => (value === null ? null : options.includes(value));

  function rank(value, options) {
    const place = value === null ? -1 : options.indexOf(value);
    return place < 0 ? null : BigInt(place);
  }

  function member(value, group) {
    if (group.length === 0) return false;
    return value === null ? null : group.some((one) => key(one) === value);
  }

  function during(value, period, days, sign) {
    if (value === null || period === null || period === undefined) return null;
    const before = value < (days ? period.first : instant(period.start));
    const after = days ? value > period.last : value >= instant(period.end);
    if (sign === "<") return before;
    if (sign === ">") return after;
    if (sign === "<=") return !after;
    if (sign === ">=") return !before;
    return !before && !after;
  }

  /* Logic with three values */

  const not = (value) => (value === null ? null : !value);

  function and(...values) {
    return values.includes(false) ? false : values.includes(null) ? null : true;
  }

  function or(...values) {
    return values.includes(true) ? true : values.includes(null) ? null : false;
  }

  const coalesce = (...values) => values.find((value) => value !== null) ?? null;

  function strict(operation, ...values) {
    return values.includes(null) ? null : OPERATIONS[operation](...values);
  }

  /* Reading the scope */

  function at(record, ...names) {
    let value = record;
    for (const name of names) {
      if (value === null || typeof value !== "object" || !has(value, name)) return null;
      value = value[name];
    }
    return value === undefined ? null : value;
  }

  const text = (value) => (value === null || value === "" ? null : String(value));
  const loose = (value) => (typeof value === "number" ? number(value) : link(value));
  const flag = (value) => (typeof value === "boolean" ? value : null);
  const rows = (value) => (Array.isArray(value) ? value : []);
  const link = (value) => (value === "" ? null : value);

  /* Ids from a form are text, from JSON numbers: the same record all the same. */
  function key(value) {
    const id = value !== null && typeof value === "object" ? at(value, "id") : value;
    return id === null || id === "" ? null : String(id);
  }

  const hasRole = (person, role) => (person === null ? null : rows(at(person, "roles")).includes(role));

  /* Rows */

  const any = (group, where) => or(...group.map(where));
  const all = (group, where) => and(...group.map(where));

  function taken(group, value, where) {
    return group.filter((row) => where(row) === true).map(value).filter((found) => found !== null);
  }

  const total = (values) => values.reduce(add, whole(0));
  const mean = (values) => (values.length ? div(total(values), whole(values.length)) : null);

  function median(values) {
    if (values.length === 0) return null;
    const ranked = [...values].sort(order);
    const middle = [ranked[(ranked.length - 1) >> 1], ranked[ranked.length >> 1]];
    return div(total(middle), whole(2));
  }

  function extreme(values, sign) {
    return values.length ? values.reduce((best, one) => (compare(sign, one, best) ? one : best)) : null;
  }

  const REDUCTIONS = {
    sum: total, avg: mean, median: median,
    min: (values) => extreme(values, "<"), max: (values) => extreme(values, ">"),
  };

  const count = (group, where) => whole(group.filter((row) => where(row) === true).length);
  const aggregate = (name, group, value, where) => REDUCTIONS[name](taken(group, value, where));
  const spans = (name, group, value, where) =>
    span(REDUCTIONS[name](taken(group, value, where).map(asNumber)));

  function options(name, group, value, where, names) {
    const found = extreme(
      taken(group, (row) => rank(value(row), names), where), name === "min" ? "<" : ">");
    return found === null ? null : names[Number(found)];
  }

  function share(group, condition, where) {
    const base = group.filter((row) => where(row) === true);
    const part = base.filter((row) => condition(row) === true);
    return div(whole(part.length * 100), whole(base.length));
  }

  const OPERATIONS = {
    add, sub, mul, div, neg, round,
    abs: (value) => ({ n: magnitude(value.n), p: value.p }),
    lesser: (...values) => extreme(values, "<"),
    greater: (...values) => extreme(values, ">"),
    whole: counted,
    whole_neg: (value) => -value,
    elapsed: (value, unit) => span(mul(value, unit)),
    span_add: (left, right) => span(asNumber(left + right)),
    span_sub: (left, right) => span(asNumber(left - right)),
    span_neg: (length) => -length,
    span_abs: magnitude,
    span_times: (length, factor) => span(mul(asNumber(length), factor)),
    span_over: (length, divisor) => span(div(asNumber(length), divisor)),
    span_ratio: (left, right) => div(asNumber(left), asNumber(right)),
    date_shift: dateShift,
    date_months: dateMonths,
    date_gap: dateGap,
    instant_shift: (moment, by) => inYears(moment + by),
    instant_months: instantMonths,
    instant_date: instantDate,
    instant_hour: instantHour,
    instant_gap: (left, right) => left - right,
    length: (value) => whole(Array.from(value).length),
    contains: (value, part) => value.includes(part),
    starts_with: (value, part) => value.startsWith(part),
  };

  /* A result as plain JSON: numbers as digits, moments as ISO text; `kind` is the expression's type. */
  function plain(value, kind) {
    if (value === null || value === undefined) return null;
    if (kind === "number") return digits(value);
    if (kind === "datetime") return iso(value);
    if (kind === "duration") return digits({ n: value, p: 6 });
    return value;
  }

  global.Expressions = Object.freeze({
    number, duration, instant, date, time, text, flag, rows, link, loose, key, at, not, and, or, coalesce, strict,
    compare, oneOf, among, rank, member, during, hasRole, any, all, count, aggregate, spans, options, share,
    plain, kept, size: (group) => whole(group.length),
  });
})(typeof globalThis === "undefined" ? window : globalThis);
