"use strict";
// What bench/preview.py asks of an open page, in milliseconds.
globalThis.measured = (() => {
  const tasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) tasks.push([startTime, duration]);
  }).observe({ type: "longtask", buffered: true });

  const frame = () => new Promise(requestAnimationFrame);
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const links = () => [...document.querySelectorAll("#CHAPTERS .entries li:not([hidden]) a")];

  // A browser tells of tasks of 50 ms and more alone.
  const longest = async (from) => {
    await rest(100);
    return Math.max(0, ...tasks.filter(([start]) => start >= from).map(([, took]) => took));
  };

  const cardIsShown = () =>
    new Promise((done) => {
      const card = document.querySelector("#STAGE iframe");
      const seen = new MutationObserver(() => {
        if (card.dataset.done === undefined) return;
        seen.disconnect();
        done();
      });
      seen.observe(card, { attributeFilter: ["data-done"] });
    });

  // Evenly spread, so that the first is not the card that is shown already.
  const some = (all, number) =>
    Array.from({ length: number }, (_, at) => all[Math.floor(((at + 0.5) * all.length) / number)]);

  return {
    // When a card has some words, in milliseconds since 1970.
    async shows(words) {
      const card = document.querySelector("#STAGE iframe");
      while (!card.contentDocument.body.innerText.includes(words)) await frame();
      return Date.now();
    },
    async paints() {
      const found = () => performance.getEntriesByType("paint");
      while (found().length < 2) await rest(10);
      return Object.fromEntries(
        found().map(({ name, startTime }) => [name.replaceAll("-", " "), startTime]),
      );
    },

    async opened() {
      const card = document.querySelector("#STAGE iframe");
      while (!card.dataset.done) await frame();
      const at = performance.now();
      const task = await longest(0);
      return { ...await this.paints(), "first card": at, "  longest task until then": task };
    },

    // One key after the other: until the list that is left is laid out.
    async keys(words) {
      const box = document.getElementById("WORDS");
      const took = [];
      for (let at = 1; at <= words.length; at++) {
        await frame();
        const start = performance.now();
        box.value = words.slice(0, at);
        box.dispatchEvent(new Event("input", { bubbles: true }));
        document.body.getBoundingClientRect();
        took.push(performance.now() - start);
      }
      box.value = "";
      box.dispatchEvent(new Event("input", { bubbles: true }));
      return took;
    },

    async cards(number) {
      const took = [];
      for (const link of some(links(), number)) {
        await rest(50);
        const start = performance.now();
        link.click();
        await cardIsShown();
        took.push(performance.now() - start);
      }
      return took;
    },

    // Down the whole list, a step a frame.
    async scroll(steps) {
      scrollTo(0, 0);
      await rest(200);
      const from = performance.now();
      let step = 0;
      let last = from;
      for (const link of some(links(), steps)) {
        link.scrollIntoView({ block: "center", behavior: "instant" });
        await frame();
        const here = performance.now();
        step = Math.max(step, here - last);
        last = here;
      }
      return { step, task: await longest(from) };
    },
  };
})();
