"use strict";
// The cards before and after, their pictures and sounds, each pair when it comes into sight.
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

  // Pictures are side by side at one scale: that at which the wider one has room.

  const showFiles = async (figure) => {
    const pictures = [...figure.querySelectorAll("[data-file]")].map(showFile).filter(Boolean);
    await Promise.allSettled(pictures.map((one) => one.decode()));
    const widest = Math.max(...pictures.map((one) => one.naturalWidth));
    for (const picture of pictures) {
      if (!picture.naturalWidth) continue;
      const { naturalWidth: width, naturalHeight: height } = picture;
      picture.style.width = `${(100 * width) / widest}%`;
      picture.parentElement.style.maxWidth = `${widest}px`;
      picture.closest(".side").querySelector(".size").prepend(`${width} × ${height}, `);
    }
    const [before, after] = pictures;
    const is = (side) => before[side] && before[side] === after[side];
    if (after && is("naturalWidth") && is("naturalHeight")) differ(figure, before, after);
  };

  const showFile = (side) => {
    const { file, alt } = side.dataset;
    const source = cardFrames.data.media[file];
    if (!Object.hasOwn(cardFrames.data.media, file)) return null;
    if (!source.startsWith("data:image/")) {
      side.append(Object.assign(cardFrames.player(file), { ariaLabel: alt }));
      return null;
    }
    const paper = made("div", "paper");
    const picture = Object.assign(document.createElement("img"), { alt, src: source });
    paper.append(picture);
    side.append(paper);
    return picture;
  };

  const made = (tag, className) => Object.assign(document.createElement(tag), { className });

  // One over the other: what is the same in both is black.
  const differ = (figure, before, after) => {
    const fold = made("details", "differs");
    const both = before.parentElement.cloneNode(true);
    both.append(after.cloneNode());
    for (const picture of both.children) picture.alt = "";
    both.classList.add("is-both");
    fold.append(
      Object.assign(made("summary"), { textContent: "What differs (the same is black)" }),
      both,
    );
    figure.append(fold);
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        (target.dataset.card ? showPair : showFiles)(target);
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
  for (const figure of document.querySelectorAll(".pair, .compared")) near.observe(figure);
}
