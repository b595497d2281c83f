// What the sweeps ask of a browser besides what _harm.js does.
(() => {
  // What the browser makes of each text that is on none of the lists; nothing is loaded or run.
  window.offTheList = (texts, tags, attributes, pictures, sounds) =>
    texts.map((text) => {
      const template = document.createElement("template");
      template.innerHTML = text;
      const found = [];
      const walker = document.createTreeWalker(template.content, NodeFilter.SHOW_ALL);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.nodeType === Node.TEXT_NODE) {
          continue;
        }
        if (
          node.nodeType !== Node.ELEMENT_NODE || !tags.includes(node.localName) ||
          node.namespaceURI !== "http://www.w3.org/1999/xhtml"
        ) {
          found.push(`<${node.nodeName}>`);
        }
        for (const { name, value } of node.attributes ?? []) {
          if (
            !attributes.includes(name) ||
            (name === "src" && !pictures.includes(value)) ||
            (name === "href" && !sounds.includes(value) &&
              !["https:", "http:", "mailto:"].includes(node.protocol))
          ) {
            found.push(`${name}=${value}`);
          }
        }
      }
      return found;
    });

  const live = "script,style,link,iframe,object,embed,img,svg,form,input,base,meta";
  // How a formula looks.
  const look = (box) => {
    const { width, height } = box.getBoundingClientRect();
    return `${box.querySelector("mjx-math")?.outerHTML} ${width.toFixed(1)} ${height.toFixed(1)}`;
  };
  const isCovered = (box) => {
    const formula = box.querySelector("mjx-math") ?? box;
    formula.scrollIntoView({ block: "center" });
    const { x, y, width, height } = formula.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    return !box.contains(top);
  };

  // What each formula does besides being shown, between two of another, and how these look.
  window.wrongWithFormulas = async (formulas, other) => {
    const qa = document.getElementById("qa");
    MathJax.startup.document.clear();
    qa.replaceChildren(...formulas.map((formula) => {
      const box = document.createElement("div");
      for (const text of [other, formula, other]) {
        box.appendChild(document.createElement("p")).textContent = text;
      }
      return box;
    }));
    await MathJax.typesetPromise([qa]);
    await document.fonts.ready;
    return [...qa.children].map((box) => {
      const [before, first, last] = box.children;
      const found = [];
      for (const element of first.querySelectorAll("*")) {
        const { position } = getComputedStyle(element);
        // MathJax's own sheet places strokes and arrows within their formula.
        const own = element.localName.startsWith("mjx-") && !element.style.position;
        if (["fixed", "sticky"].includes(position) || (position === "absolute" && !own)) {
          found.push(`${position} <${element.localName}>`);
        }
        if (element.matches(live)) {
          found.push(`<${element.localName}>`);
        }
        for (const { name, value } of element.attributes) {
          if (
            /^on|^(src|srcset|srcdoc|action)$/i.test(name) ||
            (name === "id" && !value.startsWith("mjx-eqn:")) ||
            (name === "style" && /url|import|expression|var\(/i.test(value))
          ) {
            found.push(`<${element.localName} ${name}=${value}>`);
          }
        }
        if (
          element.localName === "a" &&
          !["https:", "mailto:"].includes(
            new URL(element.href.baseVal ?? element.href, "x:y").protocol,
          )
        ) {
          found.push(`<a href=${element.getAttribute("href")}>`);
        }
      }
      for (const [place, one] of [["before", before], ["behind", last]]) {
        if (isCovered(one)) {
          found.push(`covers the formula ${place} it`);
        }
      }
      return { found, behind: look(last) };
    });
  };
})();
