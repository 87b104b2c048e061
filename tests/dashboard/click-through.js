// SPDX-License-Identifier: GPL-3.0-or-later
// Uses everything on the exported page, the same way in every browser.
//
// What there is to use is read from the page itself: in each view whatever can be
// pressed, chosen, typed into, dragged or moved by keys is used, the newest first,
// until nothing new turns up. After each step nothing may have gone wrong, and what
// is to be seen must have something in it. A kind of control that was there and was
// never used is a failure, and so is one that nobody here knows how to use.
//
// clickThrough ({ wants, rich, limit }): `wants`: selectors of what must have been
// seen on the way; `rich`: drawings can't be blank. Returns { steps, failures, kinds,
// seen }.

// State, not kind: classes that come and go with what is chosen.
const STATES = new Set (['on', 'chosen', 'placed', 'selected', 'open', 'long', 'found', 'hit']);
const ROLES = ['button', 'tab', 'slider', 'menuitem', 'application', 'treegrid', 'grid', 'row', 'option', 'switch', 'checkbox', 'link'];
const CONTROLS = ['button', 'a[href]', 'select', 'input', 'textarea', 'summary', '[tabindex]', '.timeline', '.map-top', '.map-field', '.flame', ...ROLES.map (role => `[role=${role}]`)].join (', ');
// What is never blank while it is to be seen.
const PANELS = 'main, aside, dialog, nav, .panel, .inset, .tile, .status-page, .banner, .toolbar, .strip, [role=tabpanel], [role=region], [role=menu], [role=treegrid], .map-host, .finding, .finding-detail, .card';
// Of a kind of which there may be very many, these will do.
const ENOUGH = 3;
const ALL = 60;

const frame = () => new Promise (resolve => requestAnimationFrame (() => resolve ()));

function isVisible (node) {
  if (!node.isConnected || node.closest ('[hidden], [inert]') || node.closest ('.unseen'))
    return false;

  const closed = node.closest ('details:not([open])');

  if (closed && node.closest ('summary')?.parentElement !== closed)
    return false;

  const box = node.getBoundingClientRect ();
  const style = getComputedStyle (node);

  return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && style.display !== 'none';
}

const classesOf = node => [...node.classList].filter (name => !STATES.has (name)).sort ().join ('.');
const dialogOf = () => [...document.querySelectorAll ('dialog[open]')].pop () ?? null;
const viewOf = () => document.querySelector ('.switcher [aria-current=page]')?.dataset.view ?? 'none';
const labelOf = node => (node.getAttribute ('aria-label') ?? node.getAttribute ('title') ?? node.textContent ?? '').trim ().slice (0, 80);

// Where something stands: up to three of what it is in, by their classes.
function placeOf (node) {
  const found = [];

  for (let up = node.parentElement; up && up.id !== 'view' && found.length < 3; up = up.parentElement) {
    const name = up.dataset?.rule ? `rule-${up.dataset.rule}` : classesOf (up) || (up.getAttribute ('role') ?? '');

    if (name)
      found.unshift (name);
  }

  return found.join (' > ');
}

function kindOf (node) {
  const { tab, view, key, value, sort, category } = node.dataset;
  const word = tab ?? view ?? key ?? value ?? sort ?? category ?? '';
  const around = node.closest ('.head, dialog, .banner') ? 'page' : viewOf ();
  const group = node.closest ('.linked, [role=tablist], .switcher');
  const at = group && !word ? [...group.children].indexOf (node) : '';

  return `${around}: ${placeOf (node)} > ${node.localName}${node.getAttribute ('role') ? `[${node.getAttribute ('role')}]` : ''} ${classesOf (node)} ${word}${at}`.trim ();
}

// How many of a kind: each of a few choices, and each finding; of blocks, some.
function limitOf (node) {
  return node.closest ('.linked, [role=tablist], .switcher, .toolbar, .head, .finding, .finding-buttons, [role=menu], .map-bar, .panel-head') ? ALL : ENOUGH;
}

const isCloser = node => node.closest ('.dialog-head, .inspector, .banner') !== null && node.matches ('.icon-only') && node.closest ('.pager') === null;

function point (node, x = 0.5, y = 0.5) {
  const box = node.getBoundingClientRect ();

  return { clientX: box.left + box.width * x, clientY: box.top + box.height * y };
}

function pointer (node, type, at, more = {}) {
  const options = { bubbles: true, cancelable: true, composed: true, view: window, pointerId: 1, pointerType: 'mouse', isPrimary: true, button: 0, buttons: type.endsWith ('up') ? 0 : 1, ...at, ...more };

  node.dispatchEvent (type.startsWith ('pointer') ? new PointerEvent (type, options) : new MouseEvent (type, options));
}

function press (node, at, more) {
  for (const type of ['pointermove', 'pointerdown', 'mousedown', 'pointerup', 'mouseup'])
    pointer (node, type, at, more);
}

async function drag (node, from, to, more) {
  const a = point (node, ...from);
  const b = point (node, ...to);

  pointer (node, 'pointermove', a, more);
  pointer (node, 'pointerdown', a, more);
  for (const part of [0.3, 0.7, 1]) {
    pointer (node, 'pointermove', { clientX: a.clientX + (b.clientX - a.clientX) * part, clientY: a.clientY + (b.clientY - a.clientY) * part }, more);
    await frame ();
  }
  pointer (node, 'pointerup', b, more);
}

function type (node, text) {
  node.focus ();
  node.value = text;
  node.dispatchEvent (new InputEvent ('input', { bubbles: true, data: text }));
}

const strike = (node, key, more) => node.dispatchEvent (new KeyboardEvent ('keydown', { key, bubbles: true, cancelable: true, ...more }));

// Whether anything was drawn.
function isDrawn (canvas) {
  const { width, height } = canvas;

  if (width === 0 || height === 0)
    return false;

  // A copy is read: reading changes how a browser draws what it was read from.
  const copy = new OffscreenCanvas (width, height).getContext ('2d', { willReadFrequently: true });

  copy.drawImage (canvas, 0, 0);

  const { data } = copy.getImageData (0, 0, width, height);
  const pixels = new Uint32Array (data.buffer);

  return pixels.some (pixel => pixel !== pixels[0]);
}

async function clickThrough ({ wants = [], rich = false, limit = 900 } = {}) {
  const failures = [];
  const kinds = new Map ();   // kind → { since, used: Set of labels }
  const seen = new Set ();
  const trail = [];
  let steps = 0;

  // The pointer of a script is none that could be captured.
  Element.prototype.setPointerCapture = () => {};

  const fail = words => failures.push (`${words} (after: ${trail.slice (-3).join (' → ')})`);

  async function settle () {
    const deadline = performance.now () + 20000;

    await frame ();
    while (!window.memscope.isSettled () || [...document.querySelectorAll ('.inspector-body [role=status]')].some (isVisible)) {
      if (performance.now () > deadline) {
        fail ('never settles');
        return;
      }
      await frame ();
    }
    await frame ();
  }

  function look () {
    for (const error of window.pageErrors.splice (0))
      fail (error);
    for (const node of document.querySelectorAll (PANELS))
      if (isVisible (node) && !node.innerText.trim () && !node.querySelector ('svg, canvas'))
        fail (`blank: ${placeOf (node)} > ${node.localName} ${classesOf (node)}`);
    for (const want of wants)
      if (!seen.has (want) && [...document.querySelectorAll (want)].some (isVisible))
        seen.add (want);
    if (document.documentElement.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth)
      fail (`wider than the window: ${document.documentElement.scrollWidth} > ${innerWidth}`);
    if (document.documentElement.scrollHeight > innerHeight + 1 && getComputedStyle (document.body).overflowY === 'hidden')
      fail (`higher than the window, and can't be scrolled: ${document.documentElement.scrollHeight} > ${innerHeight}`);
    if (document.querySelector ('#app img, #app script, #app iframe, #app a:not(.skip)'))
      fail ('an element that no name may make');
  }

  async function step (words, action) {
    trail.push (words);
    steps++;
    try {
      await action ();
    } catch (error) {
      fail (`${error.name}: ${error.message}`);
    }
    await settle ();
    look ();
  }

  // ---- how each is used --------------------------------------------------------------

  async function pressButton (node) {
    node.scrollIntoView ({ block: 'nearest', inline: 'nearest' });
    await frame ();
    if (!node.isConnected)
      return;

    const at = point (node);
    const hit = document.elementFromPoint (at.clientX, at.clientY);

    if (hit && !node.contains (hit) && !hit.contains (node) && !hit.closest ('.call-heads, .map-twin-heads, .placed'))
      fail (`${kindOf (node)} is covered by ${hit.localName}.${hit.className}`);
    press (node, at);
    node.focus?.({ preventScroll: true });
    node.click ();
  }

  async function chooseEach (node) {
    const before = node.value;

    for (const value of [...node.options].map (option => option.value).filter (other => other !== before).concat (before)) {
      const now = node.isConnected ? node : document.querySelector (`select[aria-label="${CSS.escape (node.getAttribute ('aria-label'))}"]`) ?? [...document.querySelectorAll ('select')].find (other => kindOf (other) === kindOf (node));

      if (!now)
        break;
      trail.push (`${labelOf (now)} = ${value}`);
      now.value = value;
      now.dispatchEvent (new Event ('change', { bubbles: true }));
      await settle ();
      look ();
    }
  }

  async function search (node) {
    if (node.type === 'text' && !node.matches ('.map-address'))
      fail (`nobody knows what to type into ${kindOf (node)}`);
    for (const text of node.matches ('.map-address') ? ['0x10', 'nonsense', ''] : ['a', 'no such thing </script>', 'size > 1K', '']) {
      type (node, text);
      await settle ();
      look ();
      if (text) {
        strike (node, 'Enter');
        await settle ();
        look ();
      }
      // From hit to hit, while there are any.
      for (const button of node.closest ('.entry')?.querySelectorAll ('button') ?? [])
        if (isVisible (button) && !button.disabled) {
          note (button);
          await pressButton (button);
          await settle ();
          look ();
        }
    }
    strike (node, 'Escape');
  }

  async function slide (node) {
    for (const key of ['ArrowRight', 'ArrowLeft', 'PageDown', 'PageUp', 'Home', 'End']) {
      node.focus ();
      strike (node, key);
      await settle ();
      look ();
    }
  }

  async function strip (node) {
    await drag (node, [0.35, 0.5], [0.7, 0.5]);
    await settle ();
    look ();
    press (node, point (node, 0.5, 0.4));
    await settle ();
    look ();
    window.memscope.setRange (0, window.memscope.duration () + 1);
  }

  // By pointer over the whole drawing, by wheel, and by its keys.
  async function draw (node) {
    const canvas = [...node.querySelectorAll ('canvas')].filter (isVisible);

    if (rich && canvas.length && !canvas.some (isDrawn))
      fail (`${classesOf (node)} is blank`);
    for (const [x, y] of [[0.2, 0.1], [0.5, 0.1], [0.5, 0.3], [0.8, 0.5], [0.3, 0.8]]) {
      press (node, point (node, x, y));
      pointer (node, 'click', point (node, x, y));
      await settle ();
      look ();
    }
    for (const turn of [-240, -240, 480])
      node.dispatchEvent (new WheelEvent ('wheel', { deltaY: turn, bubbles: true, cancelable: true, ...point (node, 0.6, 0.3) }));
    await drag (node, [0.7, 0.4], [0.4, 0.4]);
    await drag (node, [0.3, 0.4], [0.6, 0.4], { shiftKey: true });
    node.focus ();
    for (const key of ['Home', 'ArrowRight', 'ArrowDown', 'ArrowUp', 'End', 'ArrowLeft', '+', '-', 'z', 'f', 'c']) {
      strike (node, key);
      await settle ();
      look ();
    }
    pointer (node, 'contextmenu', point (node, 0.5, 0.1), { button: 2 });
    await settle ();
    look ();
  }

  async function keys (node) {
    node.focus ();
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowUp', 'ArrowLeft', 'Home']) {
      strike (node, key);
      await settle ();
    }
    node.scrollTop += 200;
    await settle ();
    look ();
    node.scrollTop = 0;
  }

  function wayOf (node) {
    const role = node.getAttribute ('role');

    if (node.matches ('.timeline'))
      return strip;
    if (node.matches ('.map-field, .map-top, .flame'))
      return draw;
    if (node.matches ('select'))
      return chooseEach;
    if (node.matches ('input[type=search], input[type=text]'))
      return search;
    if (role === 'slider')
      return slide;
    if (node.matches ('button, summary, .skip, [role=row], [data-card]'))
      return pressButton;
    if (['treegrid', 'grid', 'region', 'tabpanel', 'tablist', 'img'].includes (role) || node.matches ('main, [tabindex="-1"]'))
      return keys;

    return null;
  }

  // ---- what there is to use --------------------------------------------------------------

  function controls () {
    const dialog = dialogOf ();
    const scope = dialog ?? document.getElementById ('app');

    return [...scope.querySelectorAll (CONTROLS)].filter (node => isVisible (node) && !node.disabled && (dialog || !node.closest ('.head, .switcher')));
  }

  function recordOf (kind) {
    if (!kinds.has (kind))
      kinds.set (kind, { since: kinds.size, used: new Set () });

    return kinds.get (kind);
  }

  const note = node => recordOf (kindOf (node)).used.add (labelOf (node));

  function next () {
    let best = null;

    for (const node of controls ()) {
      const kind = kindOf (node);
      const { since, used } = recordOf (kind);

      if (used.size >= limitOf (node) || used.has (labelOf (node)))
        continue;

      const rank = isCloser (node) ? -1 : used.size ? 0 : 1 + since;

      if (best === null || rank > best.rank)
        best = { node, kind, rank };
    }

    return best;
  }

  async function useAll (home) {
    let wentBack = false;

    while (steps < limit) {
      const found = next ();

      // On narrow pages, what is open covers what is left.
      if (!found) {
        const back = [...document.querySelectorAll ('.finding-back, .inspector')].find (isVisible);

        if (!back || wentBack)
          return;
        wentBack = true;
        await step (`${home}: back`, () => back.matches ('button') ? pressButton (back) : strike (back, 'Escape'));
        continue;
      }
      wentBack = false;

      const { node, kind } = found;
      const label = labelOf (node);
      const way = wayOf (node);

      note (node);
      if (!way) {
        fail (`nobody knows how to use ${kind}`);
        continue;
      }

      const toggles = node.matches ('button[aria-pressed]') && !node.closest ('.linked') && !node.matches ('[data-card], [data-row], .finding-open');

      await step (`${home}: ${label || kind}`, () => way (node));
      // A filter that stayed on would hide what comes next.
      if (toggles) {
        const again = node.isConnected ? node : controls ().find (other => kindOf (other) === kind && labelOf (other) === label);

        if (again?.getAttribute ('aria-pressed') === 'true')
          await step (`${home}: ${label} again`, () => way (again));
      }
      if (viewOf () !== home && !dialogOf ())
        await goTo (home);
    }
  }

  async function goTo (view) {
    await step (`to ${view}`, () => pressButton (document.querySelector (`.switcher [data-view="${view}"]`)));
    if (viewOf () !== view)
      fail (`${view} does not open`);
    await step ('no filter', async () => {
      for (const field of document.querySelectorAll ('input[type=search]'))
        if (field.value)
          type (field, '');
      await window.memscope.setRange (0, window.memscope.duration () + 1);
    });
  }

  // ---- the way ------------------------------------------------------------------------------

  const ready = performance.now () + 60000;

  while (document.documentElement.dataset.ready !== 'yes' && performance.now () < ready)
    await frame ();
  if (document.documentElement.dataset.ready !== 'yes')
    return { steps, failures: ['the page does not open', ...window.pageErrors], kinds: [], seen: [] };
  await settle ();
  look ();

  const views = [...document.querySelectorAll ('.switcher [data-view]')].map (node => node.dataset.view);

  for (const view of views) {
    await goTo (view);
    await useAll (view);
    while (dialogOf ())
      await step ('close', () => dialogOf ().close ());
  }

  // The head of the page: each of its tools, what they open, colours and languages.
  for (const view of views) {
    await goTo (view);
    for (let i = 0; i < document.querySelectorAll ('.head .head-end button').length; i++) {
      const tool = document.querySelectorAll ('.head .head-end button')[i];
      const times = tool.querySelector ('svg') && i === 3 ? 3 : 1;

      for (let time = 0; time < times; time++)
        await step (`${view}: ${labelOf (tool)}`, () => pressButton (document.querySelectorAll ('.head .head-end button')[i]));
      if (dialogOf ()) {
        await useAll (view);
        if (dialogOf ())
          await step ('close', () => dialogOf ().close ());
      }
      if (viewOf () !== view)
        await goTo (view);
    }
    await step (`${view}: languages`, () => chooseEach (document.querySelector ('.head select')));
  }

  // In every language each view once more.
  const languages = [...document.querySelector ('.head select').options].map (option => option.value);

  for (const language of languages) {
    await step (language, () => {
      const select = document.querySelector ('.head select');

      select.value = language;
      select.dispatchEvent (new Event ('change', { bubbles: true }));
    });
    if (document.documentElement.lang !== language)
      fail (`${language} is not spoken`);
    for (const view of views) {
      await goTo (view);
      if (view === 'variables' && document.querySelector ('[data-card]')) {
        if (isVisible (document.querySelector ('.inspector')))
          await step ('close', () => strike (document.querySelector ('.inspector'), 'Escape'));
        await step ('a card', () => pressButton ([...document.querySelectorAll ('[data-card]')].find (isVisible)));
        for (const tab of document.querySelectorAll ('.inspector [data-tab]'))
          await step (`tab ${tab.dataset.tab}`, () => pressButton (tab));
      }
    }
  }

  if (steps >= limit)
    fail (`not at an end after ${limit} steps`);
  for (const [kind, { used }] of kinds)
    if (used.size === 0)
      fail (`never used: ${kind}`);
  for (const want of wants)
    if (!seen.has (want))
      fail (`never seen: ${want}`);

  return { steps, failures: [...new Set (failures)], kinds: [...kinds.keys ()], seen: [...seen] };
}
