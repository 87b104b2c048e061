// SPDX-License-Identifier: GPL-3.0-or-later
// Figures for people. Bytes in binary units, unit always shown.

import { language, t } from './i18n.js';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const formatters = new Map ();

function number (value, digits, minimum = digits) {
  const key = `${language} ${digits} ${minimum}`;

  if (!formatters.has (key))
    formatters.set (key, new Intl.NumberFormat (language, { maximumFractionDigits: digits, minimumFractionDigits: minimum }));

  return formatters.get (key).format (value);
}

export const notRecorded = () => t ('not recorded');
export const isKnown = value => value !== null && value !== undefined && !Number.isNaN (value);

// [figure, unit]
export function bytesParts (value) {
  let unit = 0;

  if (!isKnown (value))
    return ['–', ''];
  while (Math.abs (value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }

  return [number (value, unit === 0 ? 0 : value < 10 ? 2 : value < 1000 ? 1 : 0), UNITS[unit]];
}

export const bytes = value => isKnown (value) ? bytesParts (value).join ('\u00a0') : notRecorded ();

// "8.00 MiB (8,388,608 B)"
export function bytesExactly (value) {
  if (!isKnown (value))
    return notRecorded ();

  return value < 1024 ? bytes (value) : `${bytes (value)} (${count (value)}\u00a0B)`;
}

export const count = value => isKnown (value) ? number (value, 0) : notRecorded ();

// Big counts shorter: 18.40 M, 1,840.2 万
export function countParts (value) {
  if (!isKnown (value))
    return ['–', ''];
  if (language === 'zh-CN') {
    if (value >= 1e8)
      return [number (value / 1e8, 2), '亿'];
    return value >= 1e5 ? [number (value / 1e4, 1), '万'] : [number (value, 0), ''];
  }
  if (value >= 1e9)
    return [number (value / 1e9, 2), 'G'];
  if (value >= 1e6)
    return [number (value / 1e6, 2), 'M'];

  return value >= 1e5 ? [number (value / 1e3, 1), 'k'] : [number (value, 0), ''];
}

// Per second.
export function rateParts (value) {
  if (!isKnown (value))
    return ['–', ''];
  if (language === 'zh-CN')
    return value >= 1e4 ? [number (value / 1e4, 1), '万/s'] : [number (value, value < 10 ? 1 : 0), '/s'];
  if (value >= 1e6)
    return [number (value / 1e6, 1), 'M/s'];

  return value >= 1e4 ? [number (value / 1e3, 0), 'k/s'] : [number (value, value < 10 ? 1 : 0), '/s'];
}

export const rate = value => isKnown (value) ? rateParts (value).join ('\u00a0') : notRecorded ();
export const percent = (share, digits = 0) => isKnown (share) ? number (share * 100, digits, 0) : '–';

// A length of time in ns.
export function durationParts (ns) {
  if (!isKnown (ns))
    return ['–', ''];
  // Most recordings have no finer clock than that.
  if (ns === 0)
    return ['< 1', 'µs'];
  if (ns < 1e3)
    return [number (ns, 0), 'ns'];
  if (ns < 1e6)
    return [number (ns / 1e3, ns < 1e4 ? 2 : ns < 1e5 ? 1 : 0), 'µs'];
  if (ns < 1e9)
    return [number (ns / 1e6, ns < 1e7 ? 2 : ns < 1e8 ? 1 : 0), 'ms'];
  if (ns < 120e9)
    return [number (ns / 1e9, ns < 1e10 ? 2 : 1), 's'];
  if (ns < 7200e9)
    return [number (ns / 60e9, 1), 'min'];

  return ns < 172800e9 ? [number (ns / 3600e9, 1), t ('h')] : [number (ns / 86400e9, 1), t ('d')];
}

export const duration = ns => isKnown (ns) ? durationParts (ns).join ('\u00a0') : notRecorded ();

const pad = (value, width) => String (value).padStart (width, '0');

// A moment of the recording: 01:12.480; digits as fine as the recording is short.
export function moment (ns, digits = 3) {
  if (!isKnown (ns) || !Number.isFinite (ns))
    return notRecorded ();

  const scale = 10 ** digits;
  const ticks = Math.floor (ns / 1e9 * scale + 1e-6);
  const seconds = Math.floor (ticks / scale);
  const rest = digits > 0 ? `.${pad (ticks % scale, digits)}` : '';
  const hours = Math.floor (seconds / 3600);
  const minutes = Math.floor (seconds / 60) % 60;

  return `${hours > 0 ? `${pad (hours, 2)}:` : ''}${pad (minutes, 2)}:${pad (seconds % 60, 2)}${rest}`;
}

// Digits after the second that tell moments of a span apart.
export const digitsFor = span => span < 1e6 ? 6 : span < 1e8 ? 5 : span < 1e9 ? 4 : span < 6e10 ? 3 : span < 6e11 ? 2 : 1;

export function address (low, high) {
  return `0x${((BigInt (high) << 32n) | BigInt (low)).toString (16)}`;
}

export function date (unixNs) {
  // memscope-rs files may count from anywhere: only plausible dates are dates.
  if (!(unixNs > 9.4e17 && unixNs < 4.1e18))
    return null;

  return new Intl.DateTimeFormat (language, { dateStyle: 'medium', timeStyle: 'short' }).format (new Date (unixNs / 1e6));
}
