"use strict";
// Many sides of cards at once in the page of a deck, in a frame like that of a card.
globalThis.onPage = (() => {
  const frame = cardFrames.make("Many");
  const loaded = new Promise((done) => frame.whenLoaded(done));
  document.body.append(frame.element);

  // The page becomes that of another deck: what is there of harm in its list, all of it typeset.
  const become = async (state) => {
    cardFrames.renew(state.data);
    browse.renew(state.chapters);
    session.renew();
    strip.renew(state.strip);
    const list = document.getElementById("CHAPTERS");
    await cardFrames.typeset(list);
    const own = [...list.querySelectorAll(".entries a")].map((one) => `<a href=#${one.id}>`);
    const found = watch.armed(list).filter((one) => !own.includes(one));
    return [...found, ...watch.ran.splice(0)];
  };

  // The element itself: a card may have a name that hides it.
  const bodyOf = (inside) => inside.querySelector("body");

  // As page/frames.js does it, but for all that protects the page from a card.
  const unprotected = async (html) => {
    const body = bodyOf(frame.inside());
    body.innerHTML = html;
    await MathJax.typesetPromise([body]);
    const { port1, port2 } = new MessageChannel();
    const turned = new Promise((done) => port2.addEventListener("message", done));
    port2.start();
    port1.postMessage(null);
    await turned;
  };

  // What there is of harm in each of some sides, and what all of them do together.
  const harm = async (sides, css, { walls = true } = {}) => {
    await loaded;
    const html = sides.map((one) => `<div>${one}</div>`).join("");
    const face = { front: html, back: "", css, number: 1, sounds: {} };
    if (walls) await frame.show(face);
    else await unprotected(html);
    const inside = frame.inside();
    watch.listen(inside);
    const boxes = [...bodyOf(inside).children];
    const each = boxes.map((box) => watch.armed(box));
    const links = inside.querySelectorAll("base, meta:not([charset])").length > 1;
    watch.touchAll(inside, bodyOf(inside));
    inside.documentElement.getBoundingClientRect(); // what a style asks for, it asks for now
    await new Promise((done) => setTimeout(done, 10));
    const together = watch.ran.splice(0);
    if (links) together.push("a <base> or <meta>");
    if (boxes.length !== sides.length) return { each: [], together: ["sides are mixed"] };
    return { each, together };
  };

  // The same of what is compared with a typed answer.
  const compared = (texts) =>
    texts.map((text) => {
      const box = document.createElement("template");
      box.innerHTML = typed.compare(text, "x");
      return watch.armed(box.content, { raw: false });
    });

  return { become, harm, compared };
})();
