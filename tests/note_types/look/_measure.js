// What test_look.py asks about the card on show.

function rgba(colour) {
  const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
  return [r, g, b, a];
}

function over(top, bottom) {
  return [0, 1, 2].map((i) => top[i] * top[3] + bottom[i] * (1 - top[3])).concat(1);
}

function luminance(colour) {
  const [r, g, b] = colour.map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ground(element) {
  const layers = [];
  for (let each = element; each; each = each.parentElement) {
    layers.push(rgba(getComputedStyle(each).backgroundColor));
  }
  return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
}

function contrast(element) {
  const below = ground(element);
  const ink = over(rgba(getComputedStyle(element).color), below);
  const [light, dark] = [luminance(ink), luminance(below)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function ink(element, text, maths = false) {
  return {
    text: text.trim(),
    where: `${element.tagName.toLowerCase()}.${element.className}`,
    contrast: contrast(element),
    size: parseFloat(getComputedStyle(element).fontSize),
    maths,
  };
}

// Every text on show; MathJax draws its letters in elements without a text.
function inks() {
  const found = [];
  const qa = document.getElementById("qa");
  const walker = document.createTreeWalker(qa, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const drawn = !element.closest("style, script, mjx-assistive-mml");
    if (drawn && walker.currentNode.data.trim()) {
      found.push(ink(element, walker.currentNode.data, Boolean(element.closest("mjx-container"))));
    }
  }
  for (const letter of qa.querySelectorAll("mjx-c")) found.push(ink(letter, "", true));
  for (const box of qa.querySelectorAll("input")) found.push(ink(box, box.value));
  return found;
}

function scrollers() {
  return [...document.querySelectorAll("#qa *")]
    .filter((each) => /auto|scroll/.test(getComputedStyle(each).overflowX))
    .filter((each) => each.scrollWidth > each.clientWidth)
    .map((each) => each.classList[0]);
}

// What went wrong in each formula; null where nothing did.
function formulas() {
  return [...document.querySelectorAll("#qa mjx-container")].map((formula) => {
    const error = formula.querySelector("mjx-merror, [style*='red']");
    return error && error.outerHTML;
  });
}

function pictures() {
  return [...document.querySelectorAll("#qa img")].map((img) => {
    const style = getComputedStyle(img);
    const inset = 2 * parseFloat(style.paddingLeft);
    return {
      width: img.offsetWidth,
      room: img.parentElement.clientWidth,
      shape: (img.offsetWidth - inset) / (img.offsetHeight - inset),
      ground: style.backgroundColor,
    };
  });
}

function prompts() {
  return [...document.querySelectorAll(".dw-prompt, .dw-title")].map((prompt) => {
    const box = prompt.getBoundingClientRect();
    return [box.left, box.top, box.width].map(Math.round).join(" ");
  });
}

function dress(element) {
  const style = getComputedStyle(element);
  return [style.color, style.fontWeight, style.fontStyle, style.backgroundColor].join();
}

function gaps() {
  return [...document.querySelectorAll("#qa .cloze, #qa .cloze-inactive")].map((gap) => ({
    text: gap.textContent,
    asked: gap.className === "cloze",
    marked: dress(gap) !== dress(gap.parentElement),
  }));
}

// The page's colours, and those that our style means.
function grounds() {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.cssText = "color: var(--dw-ink); background: var(--dw-ground)";
  const [page, ours] = [document.body, probe].map((element) => {
    const style = getComputedStyle(element);
    return `${style.color} on ${style.backgroundColor}`;
  });
  probe.remove();
  return [{ page, ours }];
}

function measure() {
  const pageWidths = [document.documentElement.scrollWidth];
  return {
    inks: inks(),
    scrollers: scrollers(),
    formulas: formulas(),
    pictures: pictures(),
    prompts: prompts(),
    gaps: gaps(),
    grounds: grounds(),
    pageWidths,
  };
}
