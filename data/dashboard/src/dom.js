// SPDX-License-Identifier: GPL-3.0-or-later
// Elements are made, never parsed: a text from a recording can only be text.

const SVG = 'http://www.w3.org/2000/svg';

function append (node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false)
      continue;
    if (Array.isArray (child))
      append (node, child);
    else
      node.append (child instanceof Node ? child : String (child));
  }
}

function set (node, props) {
  for (const [name, value] of Object.entries (props)) {
    if (value === null || value === undefined || value === false)
      continue;
    if (name.startsWith ('on'))
      node.addEventListener (name.slice (2), value);
    else if (name === 'style')
      for (const [property, text] of Object.entries (value))
        node.style.setProperty (property, text);
    else
      node.setAttribute (name, value === true ? '' : value);
  }
}

export function h (tag, props, ...children) {
  const node = document.createElement (tag);

  if (props)
    set (node, props);
  append (node, children);

  return node;
}

export function svg (tag, props, ...children) {
  const node = document.createElementNS (SVG, tag);

  if (props)
    set (node, props);
  append (node, children);

  return node;
}

export function replace (node, ...children) {
  node.replaceChildren ();
  append (node, children);
}

let ids = 0;
export const newId = prefix => `${prefix}-${++ids}`;

// What a screen reader should hear without a change of focus.
let announcer = null;
export function announce (text) {
  if (!announcer) {
    announcer = h ('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
    document.body.append (announcer);
  }
  announcer.textContent = text;
}
