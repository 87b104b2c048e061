// SPDX-License-Identifier: GPL-3.0-or-later
// The words of findings, which the head has as names and numbers. The program's are
// in core/analysis/memscope-finding-text.c and say the same.

import { bytes, count, duration, isKnown, moment, percent, rateParts } from './format.js';
import { t } from './i18n.js';

const MIB = 1024 ** 2;

const titles = () => ({
  'leak.growing': t ('{subject} leaks, and keeps growing'),
  'leak.alive-at-exit': t ('{subject} is alive at exit'),
  'growth.call-site': t ('{subject} grows all the time'),
  'churn.temporary': t ('{subject} is freed as soon as it is allocated'),
  'churn.realloc': t ('{subject} is copied while it grows'),
  'layout.equal-small': t ('{subject} is many small blocks of one size'),
  'layout.rounding': t ('{subject} fits the allocator’s sizes badly'),
  'peak.blame': t ('{subject} holds most at the peak'),
  'threads.cross-thread-frees': t ('{other} frees what {thread} allocates: {subject}'),
  'threads.cross-thread-frees/other': t ('{subject} is freed by other threads'),
  'churn.storm': t ('{subject} makes a storm of allocations'),
  'churn.storm/other': t ('A storm of allocations'),
  'churn.hot-spot': t ('{subject} allocates most often'),
  'layout.pinned-pages': t ('{subject} keeps nearly empty pages'),
});

const rules = () => ({
  'leak.growing': t ('blocks never freed that keep growing'),
  'leak.alive-at-exit': t ('blocks alive at exit'),
  'growth.call-site': t ('growth without bound'),
  'churn.temporary': t ('temporary blocks'),
  'churn.realloc': t ('growth by repeated realloc'),
  'layout.equal-small': t ('many small equal blocks'),
  'layout.rounding': t ('waste by rounding'),
  'peak.blame': t ('what holds most at the peak'),
  'threads.cross-thread-frees': t ('frees across threads'),
  'churn.storm': t ('storms of allocations'),
  'churn.hot-spot': t ('hot spots'),
  'layout.pinned-pages': t ('nearly empty pages'),
  'free.unmatched': t ('double and invalid frees'),
});

const advice = () => ({
  'leak.growing': t ('Look at the stack: who should free these blocks, and when? Each round of work leaves more of them behind. Free them when their last user is done, or bound what keeps them.'),
  'leak.alive-at-exit': t ('Alive at the end is all that a recording by itself can say: something meant to stay until the end is no defect. Free it when its last user is done, or mute it.'),
  'growth.call-site': t ('Bound it: a limit on the number of entries, an age after which they go, or a smaller lifetime. If it is only being built up, it will level off: record for longer.'),
  'churn.temporary': t ('Keep one buffer between the calls, or put small ones on the stack.'),
  'churn.realloc': t ('If the final size is known or can be bounded, allocate it at once (reserve, with_capacity), or grow by a factor.'),
  'layout.equal-small': t ('Allocate them from an array or a pool: less overhead, and neighbours in memory.'),
  'layout.rounding': t ('Use the room that is there (malloc_usable_size), choose sizes just below a size class, or allocate several together.'),
  'peak.blame': t ('The peak decides how much memory the program needs: what it holds then is what is worth making smaller, or shorter-lived.'),
  'threads.cross-thread-frees': t ('Hand the blocks back to the allocating thread, or pass ownership in batches: such frees contend for the allocator’s locks.'),
  'churn.storm': t ('Look at what the program did just then: allocate in larger pieces, reuse buffers, or spread the work.'),
  'churn.hot-spot': t ('What is allocated this often is worth allocating differently: several at once, from a pool, or not at all.'),
  'layout.pinned-pages': t ('Allocate what lives long before what lives short, or apart from it, so that whole pages become free and can be given back.'),
});

const evidence = () => ({
  'never-freed-bytes': t ('Never freed'),
  'never-freed-blocks': t ('Blocks never freed'),
  'never-freed-share': t ('Of its allocations'),
  'oldest-age': t ('Age of the oldest'),
  'slope': t ('Slope'),
  'fit': t ('Fit of the line (R²)'),
  'gained': t ('Gained'),
  'span': t ('Over'),
  'temporary': t ('Temporary blocks'),
  'temporary-share': t ('Of its allocations'),
  'allocated-bytes': t ('Bytes allocated'),
  'copied': t ('Copied'),
  'resizes': t ('Resizes'),
  'moves': t ('Of them moved'),
  'chains': t ('Blocks that grew'),
  'equal-blocks': t ('Blocks of one size'),
  'equal-size': t ('That size'),
  'equal-share': t ('Of its allocations'),
  'rounding': t ('Rounding at the peak'),
  'rounding-share': t ('Of the usable bytes'),
  'requested': t ('Asked for'),
  'peak-bytes': t ('Held at the peak'),
  'peak-share': t ('Of the peak'),
  'peak-total': t ('Peak of all'),
  'peak-time': t ('At'),
  'foreign-frees': t ('Freed by another thread'),
  'foreign-share': t ('Of its frees'),
  'foreign-rate': t ('Such frees a second'),
  'pair-share': t ('Between these two threads'),
  'storm-births': t ('Allocations in it'),
  'storm-rate': t ('Rate in it'),
  'storm-factor': t ('Times the rate of the rest'),
  'storm-length': t ('Length'),
  'allocations': t ('Allocations'),
  'allocation-share': t ('Of all allocations'),
  'allocation-rate': t ('Allocations a second'),
  'pinned-bytes': t ('Free on these pages'),
  'pinned-pages': t ('Pages'),
  'pinning-blocks': t ('Live blocks on them'),
  'pinned-free-share': t ('Of these pages free'),
});

const savings = () => ({
  'not-measured': t ('How much it saves was not measured.'),
  'freed-in-time': t ('at the end of the recording: all that was never freed'),
  'bounded': t ('if it stayed as large as where the trend begins'),
  'calls': t ('pairs of malloc and free: the temporary blocks'),
  'copies': t ('of copying, if each had its last size from the beginning: the sum of the smaller size over all moves'),
  'pooled': t ('at the peak: the rounding of these blocks, and 8 bytes of header each'),
  'fitted': t ('at the peak: usable less requested bytes'),
  'unpinned': t ('at this instant: what is free on these pages'),
});

const reasons = () => ({
  'checked': t ('checked'),
  'no-deaths': t ('frees were not recorded'),
  'not-ended': t ('the recording does not reach the end of the program'),
  'sampled': t ('it needs every allocation, and these are samples'),
  'no-reallocs': t ('which block a realloc continued was not recorded'),
  'no-rounding': t ('usable sizes were not recorded'),
  'no-freeing-threads': t ('the freeing threads were not recorded'),
  'no-addresses': t ('there is no heap with addresses here'),
  'too-many-blocks': t ('there are too many live blocks'),
  'no-freed-addresses': t ('how many frees met no known block is recorded, not where'),
});

const causes = () => ({
  'leak.growing': t ('who allocated what was never freed'),
  'leak.alive-at-exit': t ('who allocated what was never freed'),
  'growth.call-site': t ('who holds it where the trend ends'),
  'churn.realloc': t ('who copies'),
  'layout.rounding': t ('who wastes at the peak'),
  'peak.blame': t ('who holds the peak'),
  'layout.pinned-pages': t ('who holds it at the instant'),
  '': t ('who allocates'),
});

const severities = () => ({
  'critical': t ('Critical'),
  'warning': t ('Warning'),
  'note': t ('Note'),
  'hint': t ('Hint'),
});

const categories = () => ({
  'leaks': t ('Leaks'),
  'churn': t ('Churn'),
  'layout': t ('Layout'),
  'threads': t ('Threads'),
  'peak': t ('Peak'),
});

const confidences = () => ({
  'low': t ('low confidence'),
  'medium': t ('medium confidence'),
  'high': t ('high confidence'),
});

const choose = (table, key) => table ()[key] ?? key;

export const ruleName = id => choose (rules, id);
export const adviceOf = finding => choose (advice, finding.rule);
export const evidenceName = id => choose (evidence, id);
export const savingWords = method => choose (savings, method);
export const reasonWords = reason => choose (reasons, reason);
export const severityName = severity => choose (severities, severity);
export const categoryName = category => choose (categories, category);
export const confidenceName = confidence => choose (confidences, confidence);
export const causeName = finding => causes ()[finding.rule] ?? causes ()[''];

export function titleOf (model, finding) {
  const words = titles ();
  const subject = finding.variable === null ? null : model.variableName (finding.variable).slice (0, 400);
  const other = finding.rule === 'churn.storm' ? subject === null : finding.rule === 'threads.cross-thread-frees' && finding.thread === 0;
  const title = (other ? words[`${finding.rule}/other`] : null) ?? words[finding.rule] ?? finding.rule;
  const names = { subject, thread: model.threadLabel (finding.thread), other: model.threadLabel (finding.otherThread) };

  return title.replace (/\{(subject|thread|other)\}/g, (place, name) => names[name] ?? place);
}

// A number in its unit.
export function figure (unit, value, digits = 3) {
  if (!isKnown (value))
    return '–';

  return { count: () => count (value), bytes: () => bytes (value), duration_ns: () => duration (value), moment_ns: () => moment (value, digits),
           share: () => `${percent (value, 1)}\u00a0%`, per_second: () => rateParts (value).join ('\u00a0'),
           bytes_per_second: () => Math.abs (value) < MIB ? t ('{bytes}/min', { bytes: bytes (value * 60) }) : t ('{bytes}/s', { bytes: bytes (value) }),
           number: () => String (Number (value.toPrecision (3))) }[unit]?.() ?? String (value);
}

export const evidenceFigure = ({ unit, value, error }) => error > 0 ? `${figure (unit, value)} ± ${figure (unit, error)}` : figure (unit, value);
