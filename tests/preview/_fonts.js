"use strict";
// For each of some cards, the families of MathJax's fonts that its formulas, once they are laid
// out, ask for: by the style of each element and pseudo-element that shows a text.
globalThis.fontsOf = async (cards) => {
  const shown = document.getElementById("qa");
  MathJax.startup.document.clear();
  MathJax.texReset();
  const boxes = cards.map((card) => {
    const box = document.createElement("div");
    box.innerHTML = card;
    return box;
  });
  shown.replaceChildren(...boxes);
  await MathJax.typesetPromise(boxes);
  return boxes.map((box) => {
    const found = new Set();
    for (const element of box.querySelectorAll("mjx-math, mjx-math *")) {
      for (const pseudo of [null, "::before", "::after"]) {
        const { content, fontFamily } = getComputedStyle(element, pseudo);
        const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE);
        if (pseudo ? ["none", "normal"].includes(content) : !own) continue;
        for (const family of fontFamily.split(",")) found.add(family.trim());
      }
    }
    return [...found].filter((family) => family.startsWith("MJX")).sort();
  });
};
