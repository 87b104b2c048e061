// SPDX-License-Identifier: GPL-3.0-or-later
// Keys that work anywhere but in a text field.

export function listenForKeys (actions) {
  document.addEventListener ('keydown', event => {
    const typing = event.target.closest?.('input, select, textarea, dialog');

    if (event.ctrlKey || event.altKey || event.metaKey || typing || !(event.key in actions))
      return;
    event.preventDefault ();
    actions[event.key] ();
  });
}
