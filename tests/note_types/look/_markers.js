// What test_markers.py asks about the lists on show.

// The first line of an item's text.
function firstLine(item) {
  const walker = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (walker.currentNode.data.trim()) {
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      return range.getClientRects()[0];
    }
  }
}

function numbered() {
  return [...document.querySelectorAll("#qa ol")].flatMap((list) => {
    let next = list.start;
    return [...list.children].map((item) => {
      const number = item.value || next;
      next = number + 1;
      return { list, item, number };
    });
  });
}

// Where a number can be seen: from its list's edge, and a bit outside of it, to its item's text.
function beside({ list, item }) {
  const line = firstLine(item);
  const box = list.getBoundingClientRect();
  const style = getComputedStyle(item);
  const slack = 0.9 * parseFloat(style.fontSize);
  const [left, right] = style.direction === "rtl"
    ? [line.right, box.right + slack]
    : [box.left - slack, line.left];
  return { left, right, top: line.top, bottom: line.bottom };
}

// The same number as a text by itself, at the end of the page.
function sample({ item, number }) {
  const probe = document.body.appendChild(document.createElement("div"));
  probe.className = "probe";
  probe.textContent = `${number}.`;
  const { fontFamily, fontSize, color } = getComputedStyle(item);
  Object.assign(probe.style, { fontFamily, fontSize, color, width: "max-content", padding: "4px" });
  probe.style.fontVariantNumeric = "tabular-nums"; // as browsers write the numbers of lists
  return probe;
}

// The boxes in which each number stands in its list and by itself.
function regions() {
  const found = numbered();
  const probes = found.map(sample);
  return found.map((one, index) => ({
    number: one.number,
    beside: beside(one),
    alone: probes[index].getBoundingClientRect().toJSON(),
  }));
}

// How many columns of a picture of the page lie between the first and the last with ink in a box.
async function inkWidths(picture, boxes) {
  const bitmap = await createImageBitmap(await (await fetch(picture)).blob());
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const ground = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
  return boxes.map((box) => {
    const [left, right] = [Math.max(0, Math.floor(box.left)), Math.floor(box.right)];
    const [top, bottom] = [Math.floor(box.top), Math.ceil(box.bottom)];
    const { data, width } = context.getImageData(left, top, right - left, bottom - top);
    const inked = new Set();
    for (let at = 0; at < data.length; at += 4) {
      const far = ground.reduce((sum, value, k) => sum + Math.abs(value - data[at + k]), 0);
      if (far > 90) inked.add((at / 4) % width);
    }
    return inked.size ? Math.max(...inked) - Math.min(...inked) + 1 : 0;
  });
}

// Where the lines of each item begin, and where the items do.
function lines() {
  return [...document.querySelectorAll("#qa .dw-answer > *")].map((list) =>
    [...list.children].map((item) => {
      const range = document.createRange();
      range.selectNodeContents(item);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 1);
      const lefts = [...new Set(boxes.map((box) => Math.round(box.left)))];
      return { lefts, top: firstLine(item).top };
    })
  );
}
