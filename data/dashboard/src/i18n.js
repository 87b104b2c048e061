// SPDX-License-Identifier: GPL-3.0-or-later
// English is written in the sources; a catalogue holds it in other languages.

import { zh } from './strings-zh.js';

let catalogue = null;
export let language = 'en';

export const LANGUAGES = [['en', 'English'], ['zh-CN', '简体中文']];

export function setLanguage (name) {
  language = name && name.toLowerCase ().startsWith ('zh') ? 'zh-CN' : 'en';
  catalogue = language === 'zh-CN' ? zh : null;
  document.documentElement.lang = language;
}

function fill (text, values) {
  return values ? text.replace (/\{(\w+)\}/g, (place, name) => values[name] ?? place) : text;
}

// t ('Peak at {time}', {time})
export function t (text, values) {
  return fill (catalogue?.[text] ?? text, values);
}

// n ('{n} block', '{n} blocks', count): {n} is the count as figures unless given.
export function n (one, many, count, values) {
  return t (catalogue ? many : count === 1 ? one : many, { n: new Intl.NumberFormat (language).format (count), ...values });
}
