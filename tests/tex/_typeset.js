// What a learner sees of a card with one formula, which MathJax has typeset.
() => {
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
  return { status, raw_text };
}
