"use strict";
// What is wrong with the deck, and what is new, at the bottom: never over a card.
globalThis.strip = (() => {
  const { $ } = page;
  let away = false;

  const show = () => {
    const problems = $("PROBLEMS").childElementCount > 0 && !away;
    $("PROBLEMS").hidden = !problems;
    $("STRIP").hidden = !problems && $("NEWS").hidden;
  };

  const hide = () => {
    away = true;
    show();
  };

  $("STRIP").addEventListener("click", ({ target }) => {
    if (target.id === "HIDE") hide();
  });
  browse.keys.push(({ key }, writes) => {
    if (key !== "Escape" || writes || $("STRIP").hidden) return false;
    $("NEWS").hidden = true;
    hide();
    return true;
  });
  // The page ends above it.
  new ResizeObserver(([{ target }]) => {
    document.documentElement.style.setProperty("--strip", `${target.offsetHeight}px`);
  }).observe($("STRIP"));
  show();

  return {
    renew(problems) {
      away = false;
      $("PROBLEMS").innerHTML = problems;
      show();
    },
    say(...parts) {
      $("NEWS").replaceChildren(...parts);
      $("NEWS").hidden = parts.length === 0;
      show();
    },
  };
})();
