// SPDX-License-Identifier: GPL-3.0-or-later
// Runs before the scripts of a page: gathers whatever goes wrong in it, whichever
// browser it is.

(() => {
  const found = [];
  const words = value => value instanceof Error ? `${value.name}: ${value.message} ${value.stack ?? ''}` : String (value);

  window.pageErrors = found;
  window.addEventListener ('error', event => found.push (`error: ${event.message ?? event.target?.outerHTML?.slice (0, 200)} (line ${event.lineno}) ${event.error?.stack ?? ''}`), true);
  window.addEventListener ('unhandledrejection', event => found.push (`unhandled rejection: ${words (event.reason)}`));
  document.addEventListener ('securitypolicyviolation', event => found.push (`policy: ${event.violatedDirective} ${event.blockedURI}`));
  for (const level of ['error', 'warn', 'assert']) {
    const said = console[level].bind (console);

    console[level] = (...values) => {
      if (level !== 'assert' || !values[0])
        found.push (`console.${level}: ${values.map (words).join (' ')}`);
      said (...values);
    };
  }
}) ();
