"use strict";
// While the deck is edited, this page becomes what the server made last, and keeps its place.
{
  const { $, made } = page;
  const events = new EventSource("events");
  let lost = false;

  const become = (state) => {
    const before = new Map(
      cardFrames.data.notes.map((note) => [note.id, JSON.stringify(note.cards)]),
    );
    cardFrames.renew(state.data);
    document.title = document.title.replace(/.*(?= – )/, () => state.title);
    $("COVER").innerHTML = state.cover;
    $("FOOT").innerHTML = state.foot;
    browse.renew(state.chapters);
    session.renew();
    strip.renew(state.strip);
    return state.data.notes.filter(({ id, cards }) => before.get(id) !== JSON.stringify(cards));
  };

  const offer = (changed) => {
    const [one] = changed;
    if (changed.length !== 1 || browse.shows(one.id)) return strip.say();
    const link = made("a", { href: `#${one.id}`, textContent: one.id });
    link.addEventListener("click", () => strip.say());
    strip.say("Changed: ", link);
  };

  const update = async () => {
    const answer = await fetch("state.json", { cache: "no-store" });
    if (answer.ok) offer(become(await answer.json()));
  };

  let queue = Promise.resolve();
  events.addEventListener("build", ({ data }) => {
    queue = queue.then(async () => {
      if (lost) strip.say();
      lost = false;
      if (Number(data) !== cardFrames.data.build) await update();
    }).catch(console.error);
  });
  events.addEventListener("error", () => {
    lost = true;
    strip.say("The preview is not running any more: start it again, and this page goes on.");
  });
}
