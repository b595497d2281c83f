// How far what each formula of a page draws reaches beyond its own room, in em of its font: above,
// to the right, below and to the left. Its room is its lines, from its start to its end. Measured
// are the boxes of signs, rules, frames and grounds, as far as they can be seen.
window.overflows = () => {
  const draws = (element, style) =>
    /^MJX-(C|UTEXT)$/.test(element.tagName) ||
    element.closest("svg") ||
    style.backgroundColor !== "rgba(0, 0, 0, 0)" ||
    ["Top", "Right", "Bottom", "Left"].some(
      (side) => style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]),
    );
  const room = (formula) => {
    const lines = formula.closest("p").getBoundingClientRect();
    const own = formula.getBoundingClientRect();
    return { top: lines.top, right: own.right, bottom: lines.bottom, left: own.left };
  };
  return [...document.querySelectorAll("mjx-container")].map((formula) => {
    const own = room(formula);
    const em = parseFloat(getComputedStyle(formula).fontSize);
    const beyond = [0, 0, 0, 0];
    for (const element of formula.querySelectorAll("mjx-math *")) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      if (style.visibility === "hidden" || !box.width || !box.height) continue;
      if (!draws(element, style)) continue;
      [own.top - box.top, box.right - own.right, box.bottom - own.bottom, own.left - box.left]
        .forEach((by, side) => (beyond[side] = Math.max(beyond[side], by / em)));
    }
    const { height, width } = formula.closest("p").getBoundingClientRect();
    return { beyond, height: height / em, width: width / em };
  });
};
