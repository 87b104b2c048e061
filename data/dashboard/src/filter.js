// SPDX-License-Identifier: GPL-3.0-or-later
// Filter expressions: the same language as memscope-expression.c and the same answers as
// memscope-predicate.c; one list of expressions holds them together in the tests.

import { findHolders, isShared, endOf, judgeStage } from './fold.js';
import { t } from './i18n.js';
import { FLAG_LEAKED, FLAG_TEMPORARY, NEVER, deathOf } from './rows.js';

const MAX_LENGTH = 65536;
const MAX_DEPTH = 64;
const MAX_TERMS = 200;
const MAX_VALUES = 1000;
const MAX_PATTERN = 1000;
const DEATH_UNSEEN = 3;
const NOT_RECORDED = 0xffffffff;

// word: type of its value; names: where only these are known; prefix: no operator stands before the value.
const FIELDS = {
  'size': { type: 'size' },
  'usable': { type: 'size' },
  'lifetime': { type: 'time' },
  'age': { type: 'time' },
  'born': { type: 'time' },
  'died': { type: 'time' },
  'alive at': { type: 'time', prefix: true },
  'address': { type: 'address' },
  'contains': { type: 'address', prefix: true },
  'thread': { type: 'text' },
  'freed by': { type: 'text' },
  'module': { type: 'text' },
  'site': { type: 'text' },
  'stack': { type: 'text' },
  'var': { type: 'text' },
  'type': { type: 'text' },
  'scope': { type: 'text' },
  'kind': { type: 'name', names: ['heap', 'region', 'pool', 'api', 'file'] },
  'function': { type: 'name', names: ['unknown', 'malloc', 'calloc', 'realloc', 'aligned', 'mmap'] },
  'stage': { type: 'name', names: ['allocated', 'active', 'shared', 'freed'] },
  'alive': { type: 'flag' },
  'leaked': { type: 'flag' },
  'temporary': { type: 'flag' },
};
const ALIASES = { variable: 'var', origin: 'kind', live: 'alive' };
const NUMBERS = new Set (['size', 'time', 'address']);
const KEYWORDS = new Set (['and', 'or', 'not', 'in']);

export class Fault extends Error {
  constructor (text, offset, length, message) {
    super (message);
    this.offset = offset;
    this.length = length;
    this.column = [...text.slice (0, offset)].length + 1;
  }
}

// ---- tokens

const SIGNS = ['==', '!=', '<=', '>=', '!~', '=~', '..', '&&', '||', '=', '<', '>', '~', '!', '(', ')', ','];
const OPERATORS = { '==': '=', '=~': '~' };
const isSpace = c => c === ' ' || c === '\t' || c === '\n' || c === '\r';
const isWord = c => /[A-Za-z0-9_\-.:/*$@#[\]+%?]/.test (c) || c > '\x7f';

function escapeAt (text, at) {
  const found = /^\\(?:(["\\nrt0])|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\})/.exec (text.slice (at, at + 12));

  if (!found)
    return null;
  if (found[1])
    return { length: 2, value: { n: 10, r: 13, t: 9, 0: 0 }[found[1]] ?? found[1].charCodeAt (0), byte: true };
  if (found[2])
    return { length: 4, value: parseInt (found[2], 16), byte: true };

  const value = parseInt (found[3], 16);

  return value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? null : { length: found[0].length, value, byte: false };
}

function tokenAt (text, offset, pattern = false) {
  while (offset < text.length && isSpace (text[offset]))
    offset++;
  if (offset >= text.length)
    return { kind: 'end', offset, length: 0 };

  const token = { offset, length: 1 };
  const quoted = (kind, end, skip) => {
    let at = offset + 1;

    while (at < text.length && text[at] !== end) {
      const step = skip (at);

      if (!step)
        return { kind: 'bad escape', offset: at, length: Math.min (2, text.length - at) };
      at += step;
    }

    return { kind: at < text.length ? kind : 'unended', offset, length: Math.min (at + 1, text.length) - offset };
  };

  if (text[offset] === '"')
    return quoted ('string', '"', at => text[at] === '\\' ? escapeAt (text, at)?.length : 1);
  if (pattern && text[offset] === '/')
    return quoted ('pattern', '/', at => text[at] === '\\' && at + 1 < text.length ? 2 : 1);

  const sign = SIGNS.find (candidate => text.startsWith (candidate, offset));

  if (sign)
    return { ...token, kind: OPERATORS[sign] ?? sign, length: sign.length };
  if (!isWord (text[offset]))
    return { ...token, kind: 'bad', length: text.codePointAt (offset) > 0xffff ? 2 : 1 };

  let end = offset;

  while (end < text.length && isWord (text[end]) && !text.startsWith ('..', end))
    end++;

  return { kind: /[0-9]/.test (text[offset]) ? 'number' : 'word', offset, length: end - offset };
}

// What is displayed for characters that can't be: see memscope-display.c.
function displayed (value, byte) {
  if (byte && value >= 0x80)
    return `\\x${value.toString (16).toUpperCase ().padStart (2, '0')}`;

  const short = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r' }[value];

  if (short)
    return short;
  if (value < 0x20 || value === 0x7f || (value >= 0x80 && value < 0xa0) || value === 0x61c || value === 0x200e || value === 0x200f
      || (value >= 0x2028 && value <= 0x202e) || (value >= 0x2066 && value <= 0x206f) || value === 0xfeff
      || (value >= 0xfff9 && value <= 0xfffb) || (value >= 0xe0000 && value <= 0xe007f))
    return `\\u{${value.toString (16)}}`;

  return String.fromCodePoint (value);
}

function stringOf (text, token) {
  const end = token.offset + token.length - 1;
  let string = '';

  for (let at = token.offset + 1; at < end;) {
    const escape = text[at] === '\\' ? escapeAt (text, at) : null;
    const value = escape ? escape.value : text.codePointAt (at);

    string += displayed (value, escape?.byte);
    at += escape ? escape.length : value > 0xffff ? 2 : 1;
  }

  return string;
}

// ---- numbers

const SIZES = { '': 1, b: 1, k: 2 ** 10, kb: 2 ** 10, kib: 2 ** 10, m: 2 ** 20, mb: 2 ** 20, mib: 2 ** 20,
                g: 2 ** 30, gb: 2 ** 30, gib: 2 ** 30, t: 2 ** 40, tb: 2 ** 40, tib: 2 ** 40 };
const TIMES = { '': 1e9, ns: 1, us: 1e3, 'µs': 1e3, 'μs': 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

function takeNumber (text) {
  const found = /^\s*(\d+(?:[.,]\d+)?)(.*)$/s.exec (text);

  return found && found[1].length < 48 ? [Number (found[1].replace (',', '.')), found[2]] : null;
}

const inBounds = value => value >= 0 && value < 2 ** 63 ? value : null;

function readNumber (type, text) {
  if (type === 'address') {
    const hex = /^0x([0-9a-f]{1,16})$/i.exec (text);

    return hex ? BigInt (`0x${hex[1]}`) : /^\d{1,20}$/.test (text) && BigInt (text) < 2n ** 64n ? BigInt (text) : null;
  }
  if (type === 'time' && text.includes (':')) {
    const parts = text.split (':').map (part => takeNumber (part));

    if (parts.length < 2 || parts.length > 3 || parts.some (part => !part || part[1].trim () !== ''))
      return null;

    const values = parts.map (([value]) => value);

    if (values.slice (1).some (value => value >= 60) || values.slice (0, -1).some (value => !Number.isInteger (value)))
      return null;
    return inBounds (Math.round (values.reduce ((sum, value) => sum * 60 + value, 0) * 1e9));
  }

  const taken = takeNumber (text);
  const unit = taken?.[1].trim ().toLowerCase ();
  const factor = taken ? (type === 'size' ? SIZES : TIMES)[unit] : undefined;

  if (factor === undefined || !Object.hasOwn (type === 'size' ? SIZES : TIMES, unit))
    return null;

  return inBounds (type === 'size' ? Math.ceil (taken[0] * factor) : Math.round (taken[0] * factor));
}

// ---- the grammar

function fieldAt (text, token) {
  const word = at => text.slice (at.offset, at.offset + at.length).toLowerCase ();
  const first = word (token);
  const second = tokenAt (text, token.offset + token.length);
  const both = second.kind === 'word' ? `${first} ${word (second)}` : '';

  if (both && Object.hasOwn (FIELDS, both))
    return { name: both, last: second };

  const name = Object.hasOwn (ALIASES, first) ? ALIASES[first] : first;

  return Object.hasOwn (FIELDS, name) && !name.includes (' ') ? { name, last: token } : null;
}

const hasOperator = (field, kind) => kind === '=' || kind === '!=' ? field.type !== 'flag'
  : kind === '~' || kind === '!~' ? field.type === 'text' : ['<', '<=', '>', '>='].includes (kind) && NUMBERS.has (field.type);

class Parser {
  constructor (text) {
    this.text = text;
    this.end = 0;
    this.depth = 0;
    this.terms = 0;
    this.values = 0;
    this.token = tokenAt (text, 0);
  }

  take () {
    this.end = this.token.offset + this.token.length;
    this.token = tokenAt (this.text, this.end);
  }

  word () {
    return this.token.kind === 'word' ? this.text.slice (this.token.offset, this.token.offset + this.token.length).toLowerCase () : null;
  }

  at (...kinds) {
    return kinds.includes (this.token.kind) || kinds.includes (this.word ());
  }

  failWith (message, token = this.token) {
    throw new Fault (this.text, token.offset, token.length, message);
  }

  fail (message, token = this.token) {
    if (token.kind === 'unended')
      this.failWith (this.text[token.offset] === '/' ? t ('The regular expression has no end: “/” is missing.') : t ('The words have no end: the closing quote is missing.'));
    if (token.kind === 'bad escape')
      this.failWith (t ('There is no such escape: write \\" \\\\ \\n \\r \\t \\0 \\xHH or \\u{H}.'));
    this.failWith (message, token);
  }

  expectValue (field) {
    const words = { size: t ('Expected a size, such as 64K, 1.5M or 4096.'), time: t ('Expected a time, such as 12s, 300ms or 01:10.'),
                    address: t ('Expected an address, such as 0x7f00a010.'), text: t ('Expected words, in quotes where they hold spaces or signs.') };

    return words[field.type] ?? t ('Expected one of {names}.', { names: field.names.join (', ') });
  }

  countValue () {
    if (++this.values > MAX_VALUES)
      this.failWith (t ('These are too many values.'));
  }

  number (field) {
    const first = this.token;

    if (first.kind !== 'number')
      this.fail (this.expectValue (field));

    const text = this.text.slice (first.offset, first.offset + first.length);

    this.take ();
    if (this.token.kind === 'word' && field.type !== 'address' && !KEYWORDS.has (this.word ())) {
      const both = readNumber (field.type, `${text} ${this.text.slice (this.token.offset, this.token.offset + this.token.length)}`);

      if (both !== null) {
        this.take ();
        return both;
      }
    }

    const value = readNumber (field.type, text);

    if (value === null)
      this.fail (this.expectValue (field), first);

    return value;
  }

  words (field) {
    let value;

    if (this.token.kind === 'string')
      value = stringOf (this.text, this.token);
    else if ((this.token.kind === 'word' && !KEYWORDS.has (this.word ())) || this.token.kind === 'number')
      value = this.text.slice (this.token.offset, this.token.offset + this.token.length);
    else
      this.fail (this.expectValue (field));
    this.take ();

    return value;
  }

  one (field) {
    this.countValue ();
    if (NUMBERS.has (field.type))
      return this.number (field);
    if (field.type === 'text')
      return this.words (field);

    const word = this.token.kind === 'string' ? stringOf (this.text, this.token) : this.word ();
    const index = word === null ? -1 : field.names.indexOf (word.toLowerCase ());

    if (index < 0)
      this.fail (this.expectValue (field));
    this.take ();

    return field.names[index];
  }

  // What stands behind `in`.
  set (field) {
    const values = [];

    if (this.at ('(')) {
      do {
        this.take ();
        values.push (this.one (field));
      } while (this.at (','));
      if (!this.at (')'))
        this.fail (t ('Expected “,” or “)”.'));
      this.take ();

      return NUMBERS.has (field.type) ? values.map (value => [value, value]) : values;
    }
    if (!NUMBERS.has (field.type))
      this.fail (t ('Expected “(” and a list.'));

    const first = this.one (field);

    if (!this.at ('..'))
      this.fail (t ('Expected “..” and the value below which it ends.'));
    this.take ();

    const end = this.one (field);

    return [[first, typeof end === 'bigint' ? end - 1n : end - 1]];
  }

  pattern () {
    const { token } = this;

    if (token.length > MAX_PATTERN)
      this.failWith (t ('The regular expression is too long.'));
    try {
      const regex = new RegExp (this.text.slice (token.offset + 1, token.offset + token.length - 1), 'i');

      this.take ();
      if (this.token.kind === 'word' && this.token.offset === this.end)
        this.failWith (t ('A path is written in quotes; between slashes is a regular expression.'));
      return regex;
    } catch (error) {
      if (error instanceof Fault)
        throw error;
      return this.failWith (t ('This is not a regular expression: {error}', { error: error.message }), token);
    }
  }

  comparison (name, field) {
    const isSet = this.word () === 'in';
    const op = this.token.kind;
    const negate = node => op === '!=' || op === '!~' ? { kind: 'not', left: node } : node;

    if (!isSet && !hasOperator (field, op))
      this.fail (field.type === 'text' ? t ('Expected one of =, !=, ~, !~, in.') : field.type === 'name' ? t ('Expected one of =, !=, in.')
        : t ('Expected one of =, !=, <, <=, >, >=, in.'));
    this.take ();

    if (op === '~' || op === '!~') {
      this.token = tokenAt (this.text, this.end, true);
      if (this.token.kind === 'pattern')
        return negate ({ kind: 'pattern', field: name, regex: this.pattern () });
      this.countValue ();
      return negate ({ kind: 'like', field: name, text: this.words (field) });
    }

    const values = isSet ? this.set (field) : [this.one (field)];

    if (field.type === 'name')
      return negate ({ kind: 'name', field: name, names: new Set (values) });
    if (field.type === 'text')
      return negate ({ kind: 'equal', field: name, texts: new Set (values) });
    if (isSet)
      return { kind: 'number', field: name, spans: values };

    const [value] = values;
    const one = typeof value === 'bigint' ? 1n : 1;
    const zero = typeof value === 'bigint' ? 0n : 0;
    const most = typeof value === 'bigint' ? 2n ** 64n : Number.MAX_VALUE;
    const spans = { '=': [value, value], '!=': [value, value], '<': [zero, value - one], '<=': [zero, value], '>': [value + one, most], '>=': [value, most] };

    return negate ({ kind: 'number', field: name, spans: [spans[op]] });
  }

  term () {
    if (++this.terms > MAX_TERMS)
      this.failWith (t ('These are too many terms.'));

    const found = this.token.kind === 'word' ? fieldAt (this.text, this.token) : null;

    if (found) {
      const field = FIELDS[found.name];

      this.token = found.last;
      this.take ();
      if (field.type === 'flag')
        return { kind: 'flag', field: found.name };
      if (field.prefix)
        return { kind: 'number', field: found.name, value: this.number (field) };
      return this.comparison (found.name, field);
    }
    if (this.token.kind === 'string' || this.token.kind === 'number' || (this.token.kind === 'word' && !KEYWORDS.has (this.word ()))) {
      this.countValue ();
      return { kind: 'like', field: 'words', text: this.words (FIELDS.var) };
    }

    return this.fail (t ('Expected a field (size, var, stack, …), words in quotes, “not” or “(”.'));
  }

  not () {
    if (!this.at ('!', 'not', '('))
      return this.term ();
    if (this.depth === MAX_DEPTH)
      this.failWith (t ('This is nested too deeply.'));

    let node;

    this.depth++;
    if (this.at ('(')) {
      this.take ();
      node = this.any ();
      if (!this.at (')'))
        this.fail (t ('Expected “and”, “or” or “)”.'));
      this.take ();
    } else {
      this.take ();
      node = { kind: 'not', left: this.not () };
    }
    this.depth--;

    return node;
  }

  all () {
    let node = this.not ();

    while (this.at ('&&', 'and')) {
      this.take ();
      node = { kind: 'and', left: node, right: this.not () };
    }

    return node;
  }

  any () {
    let node = this.all ();

    while (this.at ('||', 'or')) {
      this.take ();
      node = { kind: 'or', left: node, right: this.all () };
    }

    return node;
  }
}

// The root of a tree; throws a Fault.
export function parseFilter (text) {
  const parser = new Parser (text);

  if (new TextEncoder ().encode (text).length > MAX_LENGTH)
    throw new Fault (text, 0, text.length, t ('This is too long.'));

  const root = parser.any ();

  if (parser.token.kind !== 'end')
    parser.fail (t ('Expected “and”, “or” or the end.'));

  return root;
}

// Whether somebody who typed this where words are searched for means an expression.
export function isFilter (text) {
  let term = true;
  let token;

  for (let at = 0;; at = token.offset + token.length) {
    token = tokenAt (text, at);
    if (token.kind === 'end')
      return false;
    if (term && (token.kind === 'string' || token.kind === 'unended'))
      return true;

    const found = term && token.kind === 'word' ? fieldAt (text, token) : null;

    if (found) {
      const field = FIELDS[found.name];
      const next = tokenAt (text, found.last.offset + found.last.length);
      const word = next.kind === 'word' ? text.slice (next.offset, next.offset + next.length).toLowerCase () : '';

      if (field.prefix ? next.kind === 'number'
        : field.type === 'flag' ? ['end', ')', '&&', '||'].includes (next.kind) || word === 'and' || word === 'or'
          : hasOperator (field, next.kind) || word === 'in')
        return true;
    }

    const word = token.kind === 'word' ? text.slice (token.offset, token.offset + token.length).toLowerCase () : '';

    term = ['&&', '||', '!', '('].includes (token.kind) || ['and', 'or', 'not'].includes (word);
  }
}

// ---- asking

const lower = text => text.replace (/[A-Z]/g, letter => letter.toLowerCase ());
// As near to case folding as the language has it.
const fold = text => text.toUpperCase ().toLowerCase ();
const baseName = path => path.replace (/^.*\/(?=[^/])/s, '');

function newTextTest (node) {
  if (node.kind === 'equal')
    return text => node.texts.has (text);
  if (node.kind === 'pattern')
    return text => node.regex.test (text);

  const ascii = /^[\x00-\x7f]*$/.test (node.text);   // eslint-disable-line no-control-regex
  const needle = ascii ? lower (node.text) : fold (node.text);

  return text => (ascii ? lower (text) : fold (text)).includes (needle);
}

function once (test) {
  const known = new Map ();

  return id => {
    let value = known.get (id);

    if (value === undefined)
      known.set (id, value = test (id));
    return value;
  };
}

// What a term about texts says of threads, frames, stacks and variables: once for each.
function newTextTerm (node, model) {
  const test = newTextTest (node);
  const path = text => text !== '' && (test (text) || test (baseName (text)));
  const thread = once (id => {
    const label = id ? model.threadLabel (id) : '';
    const [, name, number] = /^(.*) \((\d+)\)$/s.exec (label) ?? [];

    return id !== 0 && (test (label) || (name !== undefined && (test (name) || test (number))));
  });
  const module = once (id => id !== 0 && path (model.modulePath (id)));
  const frame = once (id => {
    if (!id)
      return false;

    const { symbols } = model.frame (id);

    return symbols.some (symbol => (symbol.function !== '' && test (symbol.function)) || path (symbol.file)
                                   || (symbol.file !== '' && symbol.line !== 0 && test (`${baseName (symbol.file)}:${symbol.line}`)))
           || ((!symbols.length || !symbols[0].function) && test (model.where (model.frame (id))));
  });
  const variable = pick => once (id => id !== 0 && pick (model.variable (id)) !== '' && test (pick (model.variable (id))));

  return { test, path, thread, module, frame, variable };
}

// row => whether the row passes. What is displayed is asked, as in the program.
export function compileFilter (root, model, instant) {
  const { rows, head } = model;
  const alive = (i, time) => rows.birth[i] < time && rows.death[i] >= time;
  const dead = i => rows.death[i] !== NEVER && deathOf (rows, i) !== DEATH_UNSEEN;
  const address = i => (BigInt (rows.addressHigh[i]) << 32n) | BigInt (rows.addressLow[i]);
  const holders = findHolders (head.annotations ?? [], instant);
  const knowsLeaks = head.summary.leakedBlocks !== null;
  const leaked = head.session.format.startsWith ('memscope-rs') ? i => (rows.flags[i] & FLAG_LEAKED) !== 0 : i => rows.death[i] === NEVER;

  // null: not recorded
  const numbers = {
    size: i => rows.size[i],
    usable: i => rows.rounding[i] === NOT_RECORDED ? null : rows.size[i] + rows.rounding[i],
    lifetime: i => dead (i) ? endOf (rows, i) - rows.birth[i] : null,
    age: i => alive (i, instant) ? instant - rows.birth[i] : null,
    born: i => rows.birth[i],
    died: i => dead (i) ? endOf (rows, i) : null,
    address,
  };
  const names = {
    kind: i => FIELDS.kind.names[rows.kind[i] & 7],
    function: i => FIELDS.function.names[rows.function[i]],
    stage: i => {
      if (!alive (i, instant))
        return rows.birth[i] >= instant ? null : 'freed';

      const holder = holders.get (i);

      return judgeStage (1, isShared (rows, i, holder), rows.birth[i], Math.max (rows.birth[i], holder?.lastTime ?? 0), instant);
    },
  };

  function compileTexts (node) {
    const term = newTextTerm (node, model);
    const siteOf = i => model.siteOf[i];

    switch (node.field) {
    case 'thread':
      return i => term.thread (rows.thread[i]);
    case 'freed by':
      return i => term.thread (rows.deathThread[i]);
    case 'module':
      return i => siteOf (i) !== 0 && term.module (model.frame (siteOf (i)).module);
    case 'site':
      return i => term.frame (siteOf (i));
    case 'stack': {
      const { parent, frame } = model.stacks;
      const stack = once (id => {
        for (; id; id = parent[id])
          if (frame[id] && (term.frame (frame[id]) || term.module (model.frame (frame[id]).module)))
            return true;
        return false;
      });

      return i => stack (rows.stack[i]);
    }
    case 'var': {
      const found = term.variable (variable => variable.name);

      return i => found (rows.variable[i]);
    }
    case 'type': {
      const found = term.variable (variable => variable.type);

      return i => found (rows.variable[i]);
    }
    case 'scope': {
      const found = term.variable (variable => variable.scope);

      return i => found (rows.variable[i]);
    }
    default: {
      const name = term.variable (variable => variable.name);
      const type = term.variable (variable => variable.type);
      const label = once (id => id !== 0 && term.test (model.threadLabel (id)));
      const site = once (id => id !== 0 && model.frame (id).symbols.some (symbol =>
        (symbol.function !== '' && term.test (symbol.function)) || (symbol.file !== '' && term.test (symbol.file))));

      return i => label (rows.thread[i]) || name (rows.variable[i]) || type (rows.variable[i]) || site (siteOf (i));
    }
    }
  }

  function compile (node) {
    switch (node.kind) {
    case 'and': {
      const [left, right] = [compile (node.left), compile (node.right)];

      return i => left (i) && right (i);
    }
    case 'or': {
      const [left, right] = [compile (node.left), compile (node.right)];

      return i => left (i) || right (i);
    }
    case 'not': {
      const left = compile (node.left);

      return i => !left (i);
    }
    case 'number': {
      if (node.field === 'alive at')
        return i => alive (i, node.value);
      if (node.field === 'contains')
        return i => node.value >= address (i) && node.value - address (i) < BigInt (Math.max (rows.size[i], 1));

      const number = numbers[node.field];

      return i => {
        const value = number (i);

        return value !== null && node.spans.some (([first, last]) => value >= first && value <= last);
      };
    }
    case 'name':
      return i => node.names.has (names[node.field] (i));
    case 'flag':
      return node.field === 'alive' ? i => alive (i, instant) : node.field === 'leaked' ? i => knowsLeaks && leaked (i)
        : i => (rows.flags[i] & FLAG_TEMPORARY) !== 0;
    default:
      return compileTexts (node);
    }
  }

  return compile (root);
}
