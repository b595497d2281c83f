"use strict";
// A card is in a frame that shares this page's origin and may run no script at all: this page fills
// it and typesets its formulas from outside, and nothing in a card can act.
globalThis.cardFrames = (() => {
  let store = JSON.parse(document.getElementById("DATA").textContent);
  const bytes = new Map();
  let queue = Promise.resolve();

  // One side of a card as a document, in which nothing is left that could do anything

  // No browser shows this document: nothing in it is loaded, and no name in a card hides one of its
  // own, as `<img name="body">` would.
  const nowhere = document.implementation.createHTMLDocument("");

  const read = (face, { back, given }) => {
    const made = nowhere.createElement("div");
    const found = [];
    const noted = (mark) => `${START}${found.push(mark) - 1}${END}`;
    made.innerHTML = face[back ? "back" : "front"].replace(MARK, noted);
    for (const element of made.querySelectorAll(store.forbidden)) element.remove();
    for (const hint of made.querySelectorAll("a.hint")) unfold(hint);
    for (const element of made.querySelectorAll("*")) disarm(element);
    for (const [text, at] of marks(made)) {
      text.replaceWith(...stead(made, found[at] ?? "", face, back, given));
    }
    return made;
  };

  // Anki shows a hint by a script in its link: here it is a fold.
  const unfold = (hint) => {
    const inside = hint.nextElementSibling;
    if (!inside?.matches("div.hint")) return;
    const fold = nowhere.createElement("details");
    const words = nowhere.createElement("summary");
    words.append(...hint.childNodes);
    fold.append(words, ...inside.childNodes);
    inside.remove();
    hint.replaceWith(fold);
  };

  // What runs, loads, leads or names something; a link and a picture get back what they may have.
  const ACTS = new RegExp(
    "^on|href|src|" +
      "^(?:action|autofocus|background|download|formaction|name|ping|poster|target|usemap)$",
    "i",
  );

  const disarm = (element) => {
    const [address, name] = ["href", "src"].map((one) => element.getAttribute(one) ?? "");
    for (const one of [...element.attributes]) {
      if (ACTS.test(one.name)) element.removeAttributeNode(one);
    }
    if (element instanceof HTMLAnchorElement) lead(element, address);
    if (element instanceof HTMLImageElement) give(element, name);
  };

  const lead = (link, address) => {
    if (!/^(https?|mailto):/i.test(address)) return;
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  };

  const give = (picture, name) => {
    if (Object.hasOwn(store.media, name)) picture.src = store.media[name];
    else picture.replaceWith(remark(`picture: ${picture.alt || name}`));
  };

  const remark = (text) => {
    const words = nowhere.createElement("span");
    words.className = "not-here";
    words.textContent = text;
    return words;
  };

  // What Anki puts something else in the place of: a sound, a box to type into. It looks for them in
  // the HTML, where an entity hides what is meant as text; once that is read, text is text.
  const MARK = /\[\[type:[^\]]*\]\]|\[anki:[^\]]*\]/g;
  const [START, END] = ["\ufdd0", "\ufdd1"]; // no text has these

  const marks = (made) => {
    const walker = nowhere.createTreeWalker(made, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const text = walker.currentNode;
      const mark = /\ufdd0(\d+)\ufdd1/.exec(text.data);
      if (!mark) continue;
      const rest = text.splitText(mark.index);
      rest.splitText(mark[0].length);
      found.push([rest, Number(mark[1])]);
      walker.currentNode = rest;
    }
    return found;
  };

  // The first box of a question decides what is compared, and the rule of the back is put before
  // that, as in Anki's reviewer (aqt/reviewer.py).
  const stead = (made, mark, face, back, given) => {
    if (mark.startsWith("[anki:")) return [player(face.sounds?.[mark] ?? "")];
    if (face.typed === "") return [];
    if (!back) return [boxOf(given, face.typed === undefined)];
    if (face.typed === undefined) return [];
    const rule = made.querySelector("#answer");
    const compared = nowhere.createElement("div");
    compared.innerHTML = typed.compare(face.typed, given);
    rule?.remove();
    return rule ? [rule, compared] : [compared];
  };

  const boxOf = (value, disabled) => {
    const box = nowhere.createElement("input");
    box.id = "typeans";
    return Object.assign(box, {
      ariaLabel: "Your answer",
      autocapitalize: "off",
      autocomplete: "off",
      disabled,
      value,
      maxLength: 1000, // comparing takes a square of the time
      spellcheck: false,
    });
  };

  const player = (name) => {
    if (!Object.hasOwn(store.media, name)) return remark(name ? `▶ ${name}` : "▶");
    const element = nowhere.createElement(/\.(mp4|webm)$/i.test(name) ? "video" : "audio");
    element.controls = true;
    element.preload = "metadata";
    element.src = store.media[name];
    return element;
  };

  // Formulas: MathJax does one thing at a time

  const next = (work) => {
    queue = queue.then(work).catch((error) => console.error(error));
    return queue;
  };

  const holdsFormula = (element) => /\\[([]/.test(element.textContent);

  const typeset = async (element) => {
    if (!globalThis.MathJax || !holdsFormula(element)) return;
    await MathJax.startup.promise;
    MathJax.startup.document.clear();
    MathJax.texReset();
    await MathJax.typesetPromise([element]);
    tame(element);
    await loadFonts(element);
  };

  // What a formula makes is a card's, too: in this page itself it leads nowhere, and an id would be
  // taken for one of the page's.
  const tame = (element) => {
    for (const one of element.querySelectorAll("mjx-container *")) {
      one.removeAttribute("id");
      disarm(one);
      if (one.localName === "a" && element.ownerDocument === document) {
        one.replaceWith(...one.childNodes);
      }
    }
  };

  const loadFonts = async (element) => {
    const inside = element.ownerDocument;
    const known = new Set([...inside.fonts].map((face) => face.family));
    const missing = [...families(element)].filter(
      (family) => !known.has(family) && Object.hasOwn(store.fonts, family),
    );
    await Promise.all(missing.map((family) => load(inside, family)));
  };

  const families = (element) => {
    const found = new Set(["MJXZERO", "MJXTEX"]);
    for (const sign of element.querySelectorAll('[class*="TEX-"]')) {
      for (const name of sign.classList) if (name.startsWith("TEX-")) found.add(`MJX${name}`);
    }
    if (element.querySelector("mjx-stretchy-v, mjx-stretchy-h")) {
      for (const name of ["MJXTEX-S1", "MJXTEX-S4", "MJXTEX-A"]) found.add(name);
    }
    return found;
  };

  const load = (inside, family) => {
    if (!bytes.has(family)) {
      bytes.set(family, Uint8Array.from(atob(store.fonts[family]), (sign) => sign.charCodeAt(0)));
    }
    const face = new inside.defaultView.FontFace(family, bytes.get(family));
    inside.fonts.add(face);
    return face.load();
  };

  // The frames

  const BLANK = '<!doctype html><meta charset="utf-8"><base target="_blank"><title>Card</title>';

  // The height of a frame is that of its card. What is as high as its window would make the window
  // higher for ever: such a card scrolls. Until a card is set, the height stays what it was.
  const fitter = (element) => {
    let scrolls = false;
    const height = () => {
      const page = element.contentDocument?.documentElement;
      return Math.ceil(page?.getBoundingClientRect().height ?? 0) + 2; // and the border
    };
    const fit = () => {
      if (scrolls || element.dataset.done === undefined) return;
      const wanted = Math.max(height(), 50);
      element.style.height = `${wanted}px`;
      scrolls = height() > wanted;
      if (scrolls) element.style.height = "48rem";
    };
    const sizes = new ResizeObserver(fit);
    return {
      fit,
      begin: () => (scrolls = false),
      watch(body) {
        sizes.disconnect();
        sizes.observe(body);
      },
    };
  };

  // The styles of a frame: MathJax's, the reviewer's, the card's.
  const wardrobe = (inside) => {
    let rules = 0;
    const sheet = (name) => {
      const old = inside().querySelector(`style[data-is="${name}"]`);
      if (old) return old;
      const made = inside().createElement("style");
      made.dataset.is = name;
      inside().head.append(made);
      return made;
    };
    const put = (name, css) => {
      const one = sheet(name);
      if (css !== null && one.textContent !== css) one.textContent = css;
    };
    return {
      empty: () => (rules = 0),
      dress(face, night) {
        put("maths", null);
        put("frame", store.frame);
        put("card", store.css[face.css]);
        const { body, documentElement } = inside();
        documentElement.className = night ? "night-mode" : "";
        documentElement.lang = store.lang ?? "en";
        body.className = `card card${face.number}${night ? " nightMode night_mode" : ""}`;
      },
      // Typesetting writes its rules into this page: the frame needs them, when there are new ones.
      copyRules() {
        const all = document.getElementById("MJX-CHTML-styles")?.sheet.cssRules ?? [];
        if (all.length === rules) return;
        rules = all.length;
        put("maths", [...all].map((rule) => rule.cssText).join("\n"));
      },
    };
  };

  const setIn = async (body, styles) => {
    try {
      await typeset(body);
    } catch (error) {
      console.error(error); // a formula that fails is shown as its source
    }
    styles.copyRules();
    body.style.visibility = "";
  };

  // Whether a listener of this page is called in a frame without scripts: not by WebKit.
  const hears = (inside) => {
    let isHeard = false;
    inside.addEventListener("heard", () => (isHeard = true), { once: true });
    inside.dispatchEvent(new Event("heard"));
    return isHeard;
  };

  const make = (title) => {
    const element = document.createElement("iframe");
    element.sandbox = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";
    element.title = title;
    element.srcdoc = BLANK;
    const inside = () => element.contentDocument;
    const [heights, styles, onload] = [fitter(element), wardrobe(inside), []];
    let [wanted, loaded] = [null, false];

    const fill = async (mine) => {
      const made = read(mine.face, mine);
      const { body } = inside();
      styles.dress(mine.face, mine.night);
      body.style.visibility = holdsFormula(made) ? "hidden" : "";
      body.replaceChildren(...made.childNodes);
      inside().defaultView.scrollTo(0, 0);
      heights.begin();
      await next(() => wanted === mine && inside()?.body === body ? setIn(body, styles) : null);
      await Promise.allSettled([...body.querySelectorAll("img")].map((one) => one.decode()));
      if (wanted !== mine) return;
      element.dataset.done = mine.name;
      heights.fit();
    };

    element.addEventListener("load", () => {
      loaded = true;
      styles.empty();
      heights.watch(inside().body);
      for (const listen of onload) listen(inside());
      if (wanted) fill(wanted);
    });

    const show = (face, { back = false, night = false, given = "" } = {}) => {
      const isSet = element.dataset.done !== undefined && wanted.face === face &&
        wanted.back === back;
      wanted = { face, back, night, given, name: `${back ? "back" : "front"} ${night}` };
      element.dataset.wanted = wanted.name;
      if (isSet) { // only the light changes: what is typed, folded out or played stays
        styles.dress(face, night);
        element.dataset.done = wanted.name;
        return Promise.resolve();
      }
      delete element.dataset.done;
      return loaded ? fill(wanted) : Promise.resolve();
    };

    return {
      element,
      show,
      inside,
      hears: () => hears(inside()),
      whenLoaded: (listen) => onload.push(listen),
    };
  };

  return {
    make,
    player,
    typeset: (element) => next(() => typeset(element)),
    get data() {
      return store;
    },
    renew(data) {
      store = data;
    },
  };
})();
