"use strict";
// What a card does in the page besides being shown: what could be set off, and what was.
globalThis.watch = (() => {
  const GONE = "script, iframe, frame, object, embed, meta, link, base, form, portal, template";
  const ACTS = /^on|^(?:srcset|srcdoc|poster|background|ping|action|formaction|autofocus|name)$/i;
  const LEADS = /^(?:href|src|xlink:href)$/i;
  const EVENTS = "mouseover mouseenter pointerdown focus focusin toggle animationend".split(" ");
  const KEYS = ["Enter", " ", "a"];
  const CODE = "code, pre, style, textarea, mjx-container";
  const ran = [];

  // Whatever a card may call is noted instead.
  for (const name of ["pycmd", "bridgeCommand", "alert", "open", "prompt"]) {
    globalThis[name] = () => void ran.push(`${name}()`);
  }
  const note = (event) => ran.push(`${event.effectiveDirective} ${event.blockedURI}`);
  const heard = new WeakSet();
  const listen = (inside) => {
    if (!heard.has(inside)) inside.addEventListener("securitypolicyviolation", note);
    heard.add(inside);
  };
  listen(document);

  function* armedIn(element, inFrame) {
    const tag = element.localName;
    if (element.matches(GONE)) yield `<${tag}>`;
    for (const { name, value } of element.attributes) {
      const leads = LEADS.test(name) && !/^data:(?:image|audio|video|application)\//.test(value);
      const isLink = leads && inFrame && tag === "a" && /^(?:https?|mailto):/i.test(value) &&
        element.target === "_blank" && element.relList.contains("noopener");
      const styles = name === "style" && /url|import|expression/i.test(value);
      if (ACTS.test(name) || (leads && !isLink) || styles) yield `<${tag} ${name}=${value}>`;
    }
    if (element.closest("mjx-container") && element.id) yield `<${tag} id=${element.id}>`;
  }

  // Whether a text has a formula that MathJax would find: it ends outside of all braces.
  const hasFormula = (text) => {
    let [end, depth] = ["", 0];
    for (const [sign] of text.matchAll(/\\[\s\S]|[{}]/g)) {
      if (!end && /[([]/.test(sign)) [end, depth] = [sign === "\\(" ? "\\)" : "\\]", 0];
      else if (sign === end && !depth) return true;
      else if (sign === "{") depth++;
      else if (sign === "}" && depth) depth--;
    }
    return false;
  };

  function* rawIn(element) {
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !hasFormula(node.data)) continue;
      if (!element.closest(CODE)) yield `a raw ${node.data.trim().slice(0, 40)}`;
    }
  }

  // What there is of harm in an element: in a card, or in this page itself.
  const armed = (root, { inFrame = true, raw = true } = {}) =>
    [...(root.closest ? [root] : []), ...root.querySelectorAll("*")].flatMap((element) => [
      ...armedIn(element, inFrame),
      ...(raw ? rawIn(element) : []),
    ]);

  // All that a learner may do to an element, but to follow a link to the web.
  const touch = (element) => {
    for (const type of EVENTS) element.dispatchEvent(new Event(type));
    for (const key of KEYS) element.dispatchEvent(new KeyboardEvent("keydown", { key }));
    if (element.localName === "input") element.value = "x";
    else if (element.localName === "details") element.open = true;
    else if (element.matches("audio, video")) element.play().catch(() => null);
    element.click?.();
  };

  const stay = (event) => {
    const link = event.target.closest("a");
    if (/^(?:https?|mailto):/.test(link?.href)) event.preventDefault();
  };

  const touchAll = (inside, body = inside.body) => {
    inside.addEventListener("click", stay);
    for (const element of body.querySelectorAll("*")) touch(element);
    inside.removeEventListener("click", stay);
  };

  const rest = (ms) => new Promise((done) => setTimeout(done, ms));

  // Sooner than a timer, which waits for 4 ms at least.
  const { port1, port2 } = new MessageChannel();
  port2.start();
  const turn = () =>
    new Promise((done) => {
      port2.addEventListener("message", done, { once: true });
      port1.postMessage(null);
    });

  const shown = async (frame) => {
    const end = performance.now() + 10_000;
    while (frame.dataset.done !== frame.dataset.wanted) {
      if (performance.now() > end) throw new Error("a card is never shown");
      await turn();
    }
    listen(frame.contentDocument);
    return frame.contentDocument;
  };

  const go = (address) => {
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
  };

  // What each card of the list does, by its address; on each side, and when all in it is touched.
  const allCards = async (cards) => {
    const frame = document.querySelector("#STAGE iframe");
    const found = {};
    for (const address of cards) {
      const harm = [];
      go(`#${address}`);
      for (const side of document.querySelectorAll("#SIDES button")) {
        side.click();
        const inside = await shown(frame);
        harm.push(...armed(inside.body, { raw: false }));
        touchAll(inside);
      }
      if (ran.length) await rest(5);
      harm.push(...ran.splice(0));
      if (harm.length) found[address] = harm;
    }
    await rest(50);
    if (ran.length) found["all together"] = ran.splice(0);
    return found;
  };

  // What each card does that is asked in a sitting, front and back, until all are known.
  const aSitting = async () => {
    const [, frame] = document.querySelectorAll("iframe");
    const found = [];
    let asked = 0;
    go("#/study");
    document.querySelector("[name=most][value='']").checked = true;
    document.getElementById("BEGIN").click();
    while (document.getElementById("SUMMARY").hidden) {
      found.push(...armed((await shown(frame)).body, { raw: false }));
      document.getElementById("SHOW").click();
      found.push(...armed((await shown(frame)).body, { raw: false }));
      document.querySelector("#RATE [data-rating='5']").click();
      asked++;
    }
    await rest(50);
    return { asked, found: [...found, ...ran.splice(0)] };
  };

  return { armed, touchAll, shown, allCards, aSitting, ran, listen };
})();
