// What a learner sees of a card with one formula, which MathJax has typeset.
(() => {
  let status = "ok";
  let raw_text = false;
  for (const item of MathJax.startup.document.math) {
    item.root.walkTree((node) => {
      if (node.kind === "merror") status = "error";
      if (node.kind !== "mtext" || status === "error") return;
      const text = node.childNodes.map((child) => child.text ?? "").join("");
      const red = node.attributes.getExplicit("mathcolor") === "red";
      if (red && text.startsWith("\\")) status = "undefined";
      else if (text.includes("\\")) raw_text = true;
    });
  }
  if (/\\[()[\]]/.test(document.getElementById("qa").innerText)) status = "raw";
  // In em of MathJax's own font; of a display formula without the room around it.
  const math = document.querySelector("mjx-math > :first-child");
  const em = math ? parseFloat(getComputedStyle(math).fontSize) : 1;
  const boxes = math
    ? [...math.parentElement.children].map((one) => one.getBoundingClientRect())
    : [];
  const right = Math.max(0, ...boxes.map((box) => box.right));
  const left = Math.min(right, ...boxes.map((box) => box.left));
  // A letter that MathJax's fonts lack is a mjx-utext, and the machine's fonts draw it.
  const own_letters = !document.querySelector("mjx-utext");
  return { status, raw_text, width: (right - left) / em, own_letters };
});
