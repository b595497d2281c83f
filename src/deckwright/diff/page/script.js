"use strict";
// The cards before and after, each pair when it comes into sight.
{
  const shown = { side: "back", theme: "light" };
  const open = new Map();

  const side = (label, name, face) => {
    const frame = cardFrames.make(`${label}: ${name}`);
    open.set(frame, face);
    fill(frame);
    return frame.element;
  };

  const fill = (frame) => {
    frame.show(open.get(frame), { back: shown.side === "back", night: shown.theme === "night" });
  };

  const words = (text) => {
    const element = document.createElement("p");
    element.textContent = text;
    return element;
  };

  const showPair = (figure) => {
    const { name, alone, before, after } = cardFrames.data.cards[figure.dataset.card];
    figure.classList.toggle("is-alone", alone);
    for (
      const [label, face, none] of [
        ["Before", before, "There was no such card."],
        ["After", after, "There is no such card any more."],
      ]
    ) {
      if (alone && !face) continue;
      const element = document.createElement("div");
      const title = document.createElement("h4");
      element.className = "side";
      title.textContent = label;
      if (!alone) element.append(title);
      element.append(face ? side(label, name, face) : words(none));
      figure.append(element);
    }
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        showPair(target);
      }
    },
    { rootMargin: "600px" },
  );

  const choose = (what, value) => {
    shown[what] = value;
    for (const button of document.querySelectorAll(`button[data-${what}]`)) {
      button.ariaPressed = String(button.dataset[what] === value);
    }
    document.documentElement.dataset.theme = shown.theme;
    for (const frame of open.keys()) fill(frame);
  };

  const tools = document.getElementById("TOOLS");
  tools.addEventListener("click", ({ target }) => {
    for (const what of ["side", "theme"]) {
      if (target.dataset?.[what]) choose(what, target.dataset[what]);
    }
  });
  tools.hidden = false;
  const pairs = document.querySelectorAll(".pair");
  if (!pairs.length) tools.firstElementChild.remove();
  choose("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "light");
  for (const figure of pairs) near.observe(figure);
}
