// SPDX-License-Identifier: GPL-3.0-or-later
// The memory map inside the application's window. The application (memscope-map-view.c)
// hands over the map as bytes and tells what to show; this answers with what a person did.
//
// Messages to it, each an object with a type:
//   ready                        commands can be taken
//   drawn     serial, blocks     what came as "map:SERIAL" is on screen
//   select    row | null         a block was chosen
//   inspect   row                … and is to be looked at closely
//   changed   state              options that a person changed, to be remembered
//   describe  text               the map in a sentence
//   leave     back               the keyboard is handed on
//   error     text               something that should not happen

import { setLanguage } from './i18n.js';
import { fromHex, openMapBlob } from './views/map-data.js';
import { mountMap } from './views/map.js';

const post = message => window.webkit.messageHandlers.memscope.postMessage (JSON.stringify (message));
const host = document.getElementById ('map');
let map = null;
let data = null;
let names = null;
let look = null;
let hotPages = null;   // of the range, whatever the instant
const state = { row: null };

const actions = {
  select: row => {
    state.row = row;
    post ({ type: 'select', row });
  },
  inspect: row => post ({ type: 'inspect', row }),
  // The application has tables of its own, which hold any number of blocks.
  changed: change => {
    const { table, ...rest } = change;

    Object.assign (state, rest);
    if (table !== undefined)
      map?.set ({ table: false });
    post ({ type: 'changed', state: change });
  },
  describe: text => post ({ type: 'describe', text }),
};

function mount () {
  map?.destroy ();
  map = mountMap (host, { data, names, state: { ...state, table: false, instant: data?.instant }, actions });
}

function setLook (next) {
  const language = next.language.toLowerCase ().startsWith ('zh') ? 'zh-CN' : 'en';
  const remount = !map || !look || look.language !== language;
  const { dataset } = document.documentElement;

  if (look && Object.keys (next).every (key => next[key] === look[key]) && !remount)
    return;
  look = { ...next, language };
  dataset.theme = next.theme;
  dataset.contrast = next.contrast ? 'more' : 'normal';
  dataset.animations = next.animations ? 'yes' : 'no';
  // The desktop's font, and the page's own for what it lacks.
  document.body.style.fontFamily = '';
  if (next.font)
    document.body.style.fontFamily = `${JSON.stringify (next.font)}, ${getComputedStyle (document.body).fontFamily}`;
  if (remount) {
    setLanguage (language);
    mount ();
  } else {
    map.redraw ();
  }
}

const commands = {
  look: setLook,
  set: command => {
    const { table, ...change } = command.state;

    Object.assign (state, change);
    map?.set (change);
  },
  enter: ({ back }) => {
    const elements = tabbable ();

    elements[back ? elements.length - 1 : 0]?.focus ();
  },
  showRow: ({ row }) => {
    state.row = row;
    map?.showRow (row);
  },
  hotPages: command => {
    hotPages = command.hotPages?.map (page => ({ ...page, address: fromHex (page.address) })) ?? null;
    if (!data || !hotPages)
      return;
    data = { ...data, hotPages };
    map?.setData (data, names);
  },
};

// Two frames: the first draws, after the second what was drawn is on its way to the
// screen. A page that is not shown gets no frames.
function afterDrawing (told) {
  const patience = setTimeout (told, 400);

  requestAnimationFrame (() => requestAnimationFrame (() => {
    clearTimeout (patience);
    told ();
  }));
}

// Answered when what it changed is on screen.
window.memscopeCommand = command => new Promise (done => {
  commands[command.type]?.(command);
  afterDrawing (() => done (true));
});

window.memscopeReceive = (name, bytes) => {
  const serial = Number (name.split (':')[1]);

  ({ data, names } = openMapBlob (bytes.buffer));
  data.hotPages ??= hotPages;
  if (map) {
    map.set ({ instant: data.instant });
    map.setData (data, names);
  } else {
    mount ();
  }
  afterDrawing (() => post ({ type: 'drawn', serial, blocks: data.n }));

  return String (data.n);
};

// What Tab goes through, in its order.
const tabbable = () => [...document.querySelectorAll ('button, input, select, [tabindex="0"]')]
  .filter (element => !element.disabled && element.tabIndex >= 0 && element.checkVisibility ());

// The keyboard is handed on behind the last element and before the first; left to
// itself, WebKit would leave it nowhere. So is Escape that nobody had a use for.
function leave (event, back) {
  event.preventDefault ();
  document.activeElement?.blur ();
  post ({ type: 'leave', back });
}

document.addEventListener ('keydown', event => {
  if (event.defaultPrevented)
    return;
  if (event.key === 'Escape')
    leave (event, event.shiftKey);

  const elements = event.key === 'Tab' ? tabbable () : [];
  const end = event.shiftKey ? elements[0] : elements[elements.length - 1];

  if (end && document.activeElement === end)
    leave (event, event.shiftKey);
});
window.addEventListener ('error', event => {
  // A drawing that follows its size takes a second turn: a notice of browsers, no error.
  if (!event.message.startsWith ('ResizeObserver loop'))
    post ({ type: 'error', text: `${event.message} (${event.filename}:${event.lineno})` });
});
window.addEventListener ('unhandledrejection', event => post ({ type: 'error', text: String (event.reason) }));
// For tests: what is on screen.
window.memscopeMap = { data: () => data, state: () => state, map: () => map, look: () => look };

post ({ type: 'ready' });
