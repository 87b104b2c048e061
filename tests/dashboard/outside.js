// SPDX-License-Identifier: GPL-3.0-or-later
// Tries every way out of a page that a script could find, towards a server at an
// address. Returns the ways, and what the browser said about each. `only`: names of
// ways; a page without rules does not survive all of them.

async function tryOutside (server, only = null) {
  const refused = [];
  const errors = [];

  document.addEventListener ('securitypolicyviolation', event => refused.push (event.effectiveDirective));

  const add = (tag, props) => {
    const node = document.createElement (tag);

    Object.assign (node, props);
    document.body.append (node);
  };
  const ways = {
    fetch: () => fetch (`${server}/fetch`, { mode: 'no-cors' }),
    XMLHttpRequest: () => {
      const request = new XMLHttpRequest ();

      request.open ('GET', `${server}/request`);
      request.send ();
    },
    WebSocket: () => new WebSocket (`${server.replace ('http', 'ws')}/socket`),
    EventSource: () => new EventSource (`${server}/events`),
    beacon: () => navigator.sendBeacon (`${server}/beacon`, 'x'),
    image: () => add ('img', { src: `${server}/image.png` }),
    style: () => add ('link', { rel: 'stylesheet', href: `${server}/style.css` }),
    script: () => add ('script', { src: `${server}/script.js` }),
    frame: () => add ('iframe', { src: `${server}/frame.html` }),
    object: () => add ('object', { data: `${server}/object.svg` }),
    video: () => add ('video', { src: `${server}/video.mp4`, autoplay: true }),
    font: () => {
      const face = new FontFace ('outside', `url(${server}/font.woff2)`);

      return face.load ();
    },
    background: () => document.body.style.setProperty ('background-image', `url(${server}/background.png)`),
    form: () => {
      add ('form', { action: `${server}/form`, method: 'post', target: '_self' });
      document.forms[0].submit ();
    },
    eval: () => (0, eval) ('1'),
    worker: () => new Worker (`${server}/worker.js`),
  };

  for (const name of only ?? Object.keys (ways))
    try {
      await Promise.race ([ways[name] (), new Promise (resolve => setTimeout (resolve, 150))]);
    } catch (error) {
      errors.push (name);
    }
  await new Promise (resolve => setTimeout (resolve, 700));

  return { ways: only ?? Object.keys (ways), refused, errors, heard: window.pageErrors };
}
