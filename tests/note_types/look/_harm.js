// Watches what a side of a card runs, loads, or could set off.
(() => {
  const TAGS = `script style link meta base iframe frame object embed form input button textarea
        select audio video svg math template`.split(/\s+/);
  const ATTRIBUTES =
    /^on|^(srcdoc|srcset|action|formaction|background|ping|autofocus|name|contenteditable)$/i;
  const ADDRESSES = /^(href|src|xlink:href)$/i;
  const SCHEME = /^[\s\0-\x20]*(?!https:|mailto:)[a-z][a-z0-9+.-]*:/i;
  const EVENTS = "mouseover mouseenter pointerdown focus focusin toggle animationend".split(" ");
  const ran = [];

  // Whatever a card may call is noted instead.
  const CALLED = "pycmd bridgeCommand alert confirm prompt open fetch postMessage".split(" ");
  for (const name of CALLED) {
    window[name] = () => void ran.push(`${name}()`);
  }
  for (const name of ["XMLHttpRequest", "WebSocket", "EventSource", "Worker"]) {
    window[name] = function () {
      ran.push(name);
    };
  }
  navigator.sendBeacon = () => ran.push("sendBeacon()") > 0;

  function* harmIn(element) {
    const ours = element.closest("mjx-container");
    if (!ours && TAGS.includes(element.localName.toLowerCase())) {
      yield `<${element.localName}>`;
    }
    if (!ours && element.id && element.id !== "answer") {
      yield `<${element.localName} id=${element.id}>`;
    }
    for (const { name, value } of element.attributes) {
      if (
        ATTRIBUTES.test(name) ||
        (ADDRESSES.test(name) && SCHEME.test(value)) ||
        (name === "style" && (!ours || /url|import|expression/i.test(value)))
      ) {
        yield `<${element.localName} ${name}=${value}>`;
      }
    }
  }

  function touch(element) {
    for (const type of EVENTS) {
      element.dispatchEvent(new Event(type));
    }
    element.click?.();
  }

  // What there is of harm in each of some cards that are shown together; at the end, what they do
  // when a learner points at all of them.
  window.harmOfMany = async (cards) => {
    ran.length = 0;
    const qa = document.getElementById("qa");
    MathJax.startup.document.clear();
    qa.replaceChildren(...cards.map((card) => {
      const box = document.createElement("div");
      box.innerHTML = card;
      return box;
    }));
    await Promise.allSettled([...qa.querySelectorAll("img")].map((img) => img.decode()));
    await MathJax.typesetPromise([qa]);
    const boxes = [...qa.children].map((box) => [...box.querySelectorAll("*")]);
    const harm = boxes.map((all) => all.flatMap((element) => [...harmIn(element)]));
    const stay = (event) =>
      /^(https?|mailto):$/.test(event.target.closest("a")?.protocol) && event.preventDefault();
    document.addEventListener("click", stay);
    boxes.flat().forEach(touch);
    await new Promise((done) => setTimeout(done, 20));
    document.removeEventListener("click", stay);
    return [...harm, [...ran]];
  };

  // The same of one card.
  window.harmOf = async (card) => (await harmOfMany([card])).flat();
})();
