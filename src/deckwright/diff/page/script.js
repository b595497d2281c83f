"use strict";
// Cards are in frames that share this page's origin and may run no script at all: so this page
// typesets their formulas from outside, and nothing in a card can act.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const shown = { side: "back", theme: "light" };
  const frames = new Set();
  const fonts = new Map();
  let queue = Promise.resolve();

  // One side of one card as a page of its own

  const page = (card) => {
    const night = shown.theme === "night";
    const html = card[shown.side]
      .replace(/\[\[type:[^\]]*\]\]/g, '<input id="typeans" disabled>')
      .replace(/\[anki:[^\]]*\]/g, "▶");
    const made = new DOMParser().parseFromString(html, "text/html");
    for (const element of made.querySelectorAll(data.forbidden)) element.remove();
    for (const element of made.querySelectorAll("*")) {
      for (const { name } of [...element.attributes]) {
        if (name.startsWith("on")) element.removeAttribute(name);
      }
    }
    for (const link of made.querySelectorAll("a")) link.tabIndex = -1;
    for (const picture of made.querySelectorAll("img")) give(picture);
    for (const css of [data.css[card.css], data.frame]) {
      const style = made.createElement("style");
      style.textContent = css.replaceAll("</", "<\\/");
      made.head.prepend(style);
    }
    made.documentElement.className = night ? "night-mode" : "";
    made.documentElement.dataset.shown = `${shown.side} ${shown.theme}`;
    made.body.className = `card card${card.number}${night ? " nightMode night_mode" : ""}`;
    return `<!doctype html>${made.documentElement.outerHTML}`;
  };

  const give = (picture) => {
    const name = picture.getAttribute("src") ?? "";
    picture.removeAttribute("srcset");
    if (Object.hasOwn(data.media, name)) {
      picture.src = data.media[name];
      return;
    }
    const words = picture.ownerDocument.createElement("span");
    words.className = "no-picture";
    words.textContent = `picture: ${picture.alt || name}`;
    picture.replaceWith(words);
  };

  // Formulas

  const typeset = async (inside) => {
    await MathJax.startup.promise;
    MathJax.startup.document.clear();
    MathJax.texReset();
    await MathJax.typesetPromise([inside.body]);
    if (!inside.querySelector("mjx-container")) return;
    const rules = [...document.getElementById("MJX-CHTML-styles").sheet.cssRules];
    const style = inside.createElement("style");
    style.textContent = rules.map((rule) => rule.cssText).join("\n");
    inside.head.prepend(style);
    await Promise.all([...families(inside)].map((family) => load(inside, family)));
  };

  const families = (inside) => {
    const found = new Set(["MJXZERO", "MJXTEX"]);
    for (const sign of inside.querySelectorAll('[class*="TEX-"]')) {
      for (const name of sign.classList) if (name.startsWith("TEX-")) found.add(`MJX${name}`);
    }
    if (inside.querySelector("mjx-stretchy-v, mjx-stretchy-h")) {
      for (const name of ["MJXTEX-S1", "MJXTEX-S4", "MJXTEX-A"]) found.add(name);
    }
    return found;
  };

  const load = async (inside, family) => {
    if (!(family in data.fonts)) return;
    if (!fonts.has(family)) {
      fonts.set(family, Uint8Array.from(atob(data.fonts[family]), (sign) => sign.charCodeAt(0)));
    }
    const face = new inside.defaultView.FontFace(family, fonts.get(family));
    inside.fonts.add(face);
    await face.load();
  };

  // Frames

  const fit = (frame) => {
    const inside = frame.contentDocument;
    if (!inside?.body) return;
    frame.style.height = "0";
    const height = Math.max(inside.documentElement.scrollHeight, 48) + 2;
    frame.style.height = `${height}px`;
  };

  // Each document that a frame loads is typeset in its turn: MathJax does one at a time.
  const settle = (frame) => {
    fit(frame);
    queue = queue.then(async () => {
      const inside = frame.contentDocument;
      if (!inside?.body || inside.querySelector("mjx-container")) return;
      try {
        await typeset(inside);
      } catch (error) {
        console.error(error);
      }
      fit(frame);
      frame.dataset.done = inside.documentElement.dataset.shown;
    });
  };

  const frameOf = (card, title) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-same-origin";
    frame.title = title;
    frame.addEventListener("load", () => settle(frame));
    frame.fill = () => {
      frame.dataset.wanted = `${shown.side} ${shown.theme}`;
      frame.srcdoc = page(card);
    };
    frame.fill();
    frames.add(frame);
    widths.observe(frame);
    return frame;
  };

  const known = new WeakMap();
  const widths = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      if (known.get(target) !== contentRect.width) {
        known.set(target, contentRect.width);
        fit(target);
      }
    }
  });

  const open = (figure) => {
    const { name, alone, before, after } = data.cards[figure.dataset.card];
    figure.classList.toggle("is-alone", alone);
    for (const [label, card, none] of [
      ["Before", before, "There was no such card."],
      ["After", after, "There is no such card any more."],
    ]) {
      if (alone && !card) continue;
      const side = document.createElement("div");
      const title = document.createElement("h4");
      side.className = "side";
      title.textContent = label;
      if (!alone) side.append(title);
      if (card) {
        side.append(frameOf(card, `${label}: ${name}`));
      } else {
        const words = document.createElement("p");
        words.textContent = none;
        side.append(words);
      }
      figure.append(side);
    }
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        open(target);
      }
    },
    { rootMargin: "600px" },
  );

  // Switches

  const choose = (what, value) => {
    shown[what] = value;
    for (const button of document.querySelectorAll(`[data-${what}]`)) {
      if (button.matches("button")) {
        button.setAttribute("aria-pressed", String(button.dataset[what] === value));
      }
    }
    document.documentElement.dataset.theme = shown.theme;
    for (const frame of frames) frame.fill();
  };

  const tools = document.getElementById("tools");
  tools.addEventListener("click", ({ target }) => {
    for (const what of ["side", "theme"]) {
      if (target.dataset?.[what]) choose(what, target.dataset[what]);
    }
  });
  tools.hidden = false;
  const cards = document.querySelectorAll(".pair");
  if (!cards.length) tools.firstElementChild.remove();
  choose("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "light");
  for (const figure of cards) near.observe(figure);
})();
